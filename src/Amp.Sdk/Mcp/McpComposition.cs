using System.Buffers;
using System.Text.Json;

namespace Amp.Mcp;

/// <summary>The MCP servers of a run, in the CLI's format.</summary>
internal sealed class McpComposition
{
    private readonly HashSet<string> _names;

    /// <param name="content">The JSON object with the servers that are not disabled; null if there are none.</param>
    /// <param name="names">The names of all servers.</param>
    /// <param name="disabled">The names of the disabled servers.</param>
    public McpComposition(ReadOnlyMemory<byte>? content, HashSet<string> names, IReadOnlyList<string> disabled)
    {
        _names = names;
        Content = content;
        Disabled = disabled;
    }

    /// <summary>No servers.</summary>
    public static McpComposition Nothing { get; } = new(null, [], []);

    /// <summary>The value of <c>--mcp-config</c>; null if there is none.</summary>
    public ReadOnlyMemory<byte>? Content { get; }

    /// <summary>The names of the disabled servers.</summary>
    public IReadOnlyList<string> Disabled { get; }

    /// <summary>The secrets of the servers, whatever their source.</summary>
    public IReadOnlyList<string> SecretValues
    {
        get
        {
            if (Content is not ReadOnlyMemory<byte> content)
            {
                return [];
            }

            using JsonDocument document = JsonDocument.Parse(content);
            return [.. document.RootElement.EnumerateObject().SelectMany(entry => McpEntry.SecretValues(entry.Value))];
        }
    }

    /// <summary>Gets the same servers with additional ones, such as those for the tools of a run.</summary>
    /// <exception cref="AmpValidationException">Two servers have the same name.</exception>
    public McpComposition With(IReadOnlyList<McpServer> servers)
    {
        if (servers.Count == 0)
        {
            return this;
        }

        ArrayBufferWriter<byte> bytes = new();
        HashSet<string> names = new(_names, StringComparer.Ordinal);
        using (Utf8JsonWriter writer = new(bytes))
        {
            writer.WriteStartObject();
            foreach (McpServer server in servers)
            {
                McpConfiguration.RefuseTwice(names, server.Name);
                writer.WritePropertyName(server.Name);
                server.WriteTo(writer);
            }

            if (Content is ReadOnlyMemory<byte> others)
            {
                using JsonDocument document = JsonDocument.Parse(others);
                foreach (JsonProperty entry in document.RootElement.EnumerateObject())
                {
                    entry.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return new McpComposition(bytes.WrittenMemory, names, Disabled);
    }
}
