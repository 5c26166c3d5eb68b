using System.Collections;
using System.Collections.Specialized;
using Amp.Json;
using Amp.Mcp;

namespace Amp.Clients.Mcp;

/// <summary>Reads the output of <c>mcp list --json</c>.</summary>
internal static class McpListJson
{
    /// <exception cref="FormatException">The output has another format. The message quotes nothing, because the output contains
    /// secrets.</exception>
    public static IReadOnlyList<McpServerEntry> Parse(string json)
    {
        // Before the first login, a CLI may report in words what it could not load.
        object?[] list = JsonValue.ParseOrNull(json) as object?[] ?? throw new FormatException("is not a list of servers");
        return [.. list.Select(Entry)];
    }

    /// <summary>Gets all secrets in the output.</summary>
    public static IReadOnlyList<string> SecretValues(string json)
    {
        List<string> result = [];
        foreach (OrderedDictionary spec in (JsonValue.ParseOrNull(json) as object?[] ?? []).OfType<OrderedDictionary>().Select(entry => entry["spec"]).OfType<OrderedDictionary>())
        {
            foreach (OrderedDictionary secrets in ((object?[])[spec["env"], spec["headers"], spec["oauth"]]).OfType<OrderedDictionary>())
            {
                result.AddRange(secrets.Values.OfType<string>().SelectMany(McpCheck.HeaderSecrets));
            }
        }

        return result;
    }

    private static McpServerEntry Entry(object? value, int index)
    {
        OrderedDictionary fields = value as OrderedDictionary ?? throw Wrong(index, "is not an object");
        string name = fields["name"] as string ?? throw Wrong(index, "has no name");
        string source = fields["source"] as string ?? throw Wrong(index, "has no source");
        OrderedDictionary spec = fields["spec"] as OrderedDictionary ?? throw Wrong(index, "has no specification");
        string? command = spec["command"] as string;
        string? url = spec["url"] as string;
        return new McpServerEntry
        {
            Name = name,
            Type = command is not null ? "stdio" : url is not null ? "http" : throw Wrong(index, "has neither a command nor an address"),
            Source = source,
            Command = command,
            Arguments = [.. (spec["args"] as object?[] ?? []).Select(argument => $"{argument}")],
            EnvironmentName = Names(spec["env"]),
            Url = url is null ? null : Shown(url),
            HeaderName = Names(spec["headers"]),
            Disabled = spec["disabled"] is true,
        };
    }

    private static IReadOnlyList<string> Names(object? value) =>
        value is OrderedDictionary dictionary ? [.. dictionary.Keys.Cast<string>()] : [];

    // A URL that this library would refuse may contain a password.
    private static string Shown(string url)
    {
        try
        {
            return McpUrl.Of(url, nameof(McpHttpServer.Url)).Shown;
        }
        catch (AmpValidationException)
        {
            return Uri.TryCreate(url, UriKind.Absolute, out Uri? address) ? $"{address.Scheme}://{SecretText.Mask}@{address.Authority}" : SecretText.Mask;
        }
    }

    private static FormatException Wrong(int index, string what) => new($"has an entry {index} that {what}");
}
