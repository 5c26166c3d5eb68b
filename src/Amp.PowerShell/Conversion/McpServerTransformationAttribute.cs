using System.Collections;
using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Also accepts servers as hashtables and custom objects (<c>name</c> with <c>command</c>, <c>args</c>, <c>env</c>, or with <c>url</c>,
/// <c>headers</c>, <c>transport</c>, <c>oauth</c>; <c>disabled</c>), and servers from Clixml, a job or a remote session. Their secrets are
/// not serialized, so a server that had secrets is refused.
/// </summary>
internal sealed class McpServerTransformationAttribute : ObjectTransformationAttribute
{
    private const string WithoutSecrets =
        "The secrets of a server are not exported. Create the server where you use it, or pass a hashtable of the same shape that contains SecureStrings.";

    /// <summary>Reads the servers of one piped object, for a cmdlet that uses all of them or none.</summary>
    /// <exception cref="AmpValidationException">A server is not valid or is null, or there is none.</exception>
    public static IReadOnlyList<McpServer> Read(SessionState session, object?[]? given, int count) =>
        new McpServerTransformationAttribute().Read<McpServer>(session, given, count, nameof(McpServer));

    private protected override Array ToArray(IEnumerable<object?> items) => items.Cast<McpServer>().ToArray();

    private protected override bool IsDone(object? item) => item is McpServer;

    private protected override object? Make(SessionState session, object? item, int index)
    {
        GivenObject server = GivenObject.Of(
            item,
            $"MCP server {index + 1}",
            nameof(McpServer),
            "Create one: (New-AmpMcpServer NAME PROGRAM ARGUMENT, ...), or give a hashtable: @{ name = 'x'; command = 'npx' }. "
                + "Use -McpConfig for JSON strings and files. Every run includes the servers of the settings, so you do not have to give them.");
        bool hasUrl = server.Has("url");
        if (hasUrl == server.Has("command"))
        {
            throw server.Refuse(
                hasUrl ? "has both 'url' and 'command'." : "has neither 'command' nor 'url'.",
                "Give one of them in addition to the name. Use -McpConfig for servers in the format of the CLI, which has a server for each name.");
        }

        string name = server.Text("name") ?? throw server.Refuse("has no 'name'.", "Give the server a name.");
        bool disabled = server.Flag("disabled");
        return hasUrl ? Http(server, name, disabled) : Stdio(server, name, disabled);
    }

    private static McpStdioServer Stdio(GivenObject server, string name, bool disabled)
    {
        string? command = server.Text("command");
        string[]? arguments = server.Texts("args", "arguments", "argumentList");
        IEnumerable<KeyValuePair<string, SecretText>>? environment = Secrets(server, "env", "environment");
        server.RefuseRest("name, command, args, env and disabled");
        return new McpStdioServer(name, command!, arguments, environment, disabled);
    }

    private static McpHttpServer Http(GivenObject server, string name, bool disabled)
    {
        string? url = Address(server, "url");
        IEnumerable<KeyValuePair<string, SecretText>>? headers = Secrets(server, "headers", "header");
        string? transport = server.Text("transport");
        McpOAuth? oauth = server.Take("oauth") is object login ? OAuth(login, server) : null;
        server.RefuseRest("name, url, headers, transport, oauth and disabled");
        return new McpHttpServer(name, url!, headers, transport, oauth, disabled);
    }

    private static McpOAuth OAuth(object value, GivenObject server)
    {
        GivenObject login = GivenObject.Of(value, $"{server.Place}: oauth", server.ParameterName);
        if (login.Flag("hasClientSecret"))
        {
            throw login.Refuse("lost its client secret.", WithoutSecrets);
        }

        string? clientId = login.Text("clientId");
        string? authUrl = Address(login, "authUrl", "authorizationUrl");
        string? tokenUrl = Address(login, "tokenUrl");
        SecretText? secret = login.Take("clientSecret") is object text
            ? SecretParameter.ToSecret(text, login.ParameterName, "The client secret")
            : null;
        string[]? scopes = login.Texts("scopes", "scope");
        string? redirectUrl = Address(login, "redirectUrl");
        login.RefuseRest("clientId, clientSecret, authUrl, tokenUrl, scopes and redirectUrl");
        return new McpOAuth(clientId!, authUrl!, tokenUrl!, secret, scopes, redirectUrl);
    }

    // A server shows its URL with masked parameters that look like secrets.
    private static string? Address(GivenObject given, params string[] names) =>
        given.Text(names) is string address && address.Contains("***", StringComparison.Ordinal)
            ? throw given.Refuse($"lost a secret in '{names[0]}'.", WithoutSecrets)
            : given.Text(names);

    private static IEnumerable<KeyValuePair<string, SecretText>>? Secrets(GivenObject server, params string[] names)
    {
        if (server.Take(names) is not object value)
        {
            return null;
        }

        IEnumerable<(string Name, object? Value)> fields = PlainValue.Unwrap(value) switch
        {
            IDictionary given => given.Cast<DictionaryEntry>().Select(entry => ($"{entry.Key}", entry.Value)),
            PSCustomObject => ((PSObject)value).Properties.Select(property => (property.Name, (object?)property.Value)),
            _ => [],
        };
        string[] lost = [.. fields.Where(field => IsMasked(field.Value)).Select(field => $"'{field.Name}'").Order(StringComparer.Ordinal)];
        if (lost.Length > 0)
        {
            throw server.Refuse($"lost the secrets in '{names[0]}': {TerminalText.Strip(string.Join(", ", lost))}.", WithoutSecrets);
        }

        return SecretParameter.ToSecrets(server.Dictionary(names), server.ParameterName);
    }

    // Clixml keeps the type of a secret. JSON has an empty object for it or, below its depth, the text of such an object.
    private static bool IsMasked(object? value) =>
        (value is PSObject wrapped && wrapped.TypeNames.Contains("Deserialized." + typeof(SecretText).FullName))
        || (value is PSObject { BaseObject: PSCustomObject } custom && !custom.Properties.Any())
        || PlainValue.Unwrap(value) is "***" or IDictionary { Count: 0 };
}
