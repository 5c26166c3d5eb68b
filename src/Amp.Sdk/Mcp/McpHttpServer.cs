using System.Text.Json;
using Amp.Mcp;

namespace Amp;

/// <summary>An MCP server that the CLI calls by HTTP.</summary>
public sealed class McpHttpServer : McpServer
{
    private readonly McpUrl _url;

    /// <summary>Describes a server. The values are copied.</summary>
    /// <param name="name">1 to 64 letters, digits, hyphens, underscores and dots.</param>
    /// <param name="url">The <c>http</c> or <c>https</c> URL, without user name and password. The CLI replaces <c>${NAME}</c> with
    /// environment variables.</param>
    /// <param name="headers">The headers of every request.</param>
    /// <param name="transport">The kind of transport, such as <c>sse</c>. The available kinds depend on the CLI.</param>
    /// <param name="oauth">The login, for servers with which the CLI cannot register by itself.</param>
    /// <param name="disabled">Whether the server is excluded from runs.</param>
    /// <exception cref="AmpValidationException">A value cannot be used. The message never contains a secret.</exception>
    public McpHttpServer(
        string name,
        string url,
        IEnumerable<KeyValuePair<string, SecretText>>? headers = null,
        string? transport = null,
        McpOAuth? oauth = null,
        bool disabled = false)
        : base(name, disabled)
    {
        _url = McpUrl.Of(url, nameof(Url));
        Headers = McpCheck.Secrets(headers, nameof(Headers), StringComparer.OrdinalIgnoreCase, McpCheck.Header);
        Transport = McpCheck.OptionalText(transport, nameof(Transport));
        OAuth = oauth;
    }

    /// <summary>The URL. Values of parameters whose names suggest a secret are masked.</summary>
    public string Url => _url.Shown;

    /// <summary>The headers of every request. Their values cannot be read.</summary>
    public IReadOnlyDictionary<string, SecretText> Headers { get; }

    /// <summary>The kind of transport; null for the default of the CLI.</summary>
    public string? Transport { get; }

    /// <summary>The login.</summary>
    public McpOAuth? OAuth { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> FindLiteralSecrets() =>
    [
        .. _url.Secrets.Any(McpCheck.IsLiteral) ? (string[])["url"] : [],
        .. McpCheck.LiteralSecrets(Headers),
        .. OAuth?.SecretValues.Any(McpCheck.IsLiteral) == true ? (string[])["oauth"] : [],
    ];

    internal override IEnumerable<string> SecretValues =>
    [
        .. _url.Secrets,
        .. Headers.Values.SelectMany(value => McpCheck.HeaderSecrets(value.Reveal())),
        .. OAuth?.SecretValues ?? [],
    ];

    private protected override void WriteFields(Utf8JsonWriter writer)
    {
        writer.WriteString("url", _url.Text);
        McpJson.WriteSecrets(writer, "headers", Headers);
        McpJson.WriteText(writer, "transport", Transport);
        if (OAuth is not null)
        {
            writer.WritePropertyName("oauth");
            OAuth.WriteTo(writer);
        }
    }
}
