using System.Text.Json;
using Amp.Mcp;

namespace Amp;

/// <summary>An MCP server that the CLI reaches by HTTP.</summary>
public sealed class McpHttpServer : McpServer
{
    private readonly McpUrl _url;

    /// <summary>Describes a server. What is given is copied.</summary>
    /// <param name="name">1 to 64 letters, digits, hyphens, underscores and dots.</param>
    /// <param name="url">
    /// Its address, <c>http</c> or <c>https</c>, without a user name and a password in it. The CLI puts in variables of the
    /// environment for <c>${NAME}</c>.
    /// </param>
    /// <param name="headers">Headers of every request.</param>
    /// <param name="transport">The kind of transport, <c>sse</c> for instance; the CLI decides which ones there are.</param>
    /// <param name="oauth">How to log in, for servers with which the CLI cannot register by itself.</param>
    /// <param name="disabled">Whether the server is left out of runs.</param>
    /// <exception cref="AmpValidationException">One of them cannot be used; the message never holds a secret.</exception>
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

    /// <summary>Its address, in which values of parameters that look like secrets by their names are masked.</summary>
    public string Url => _url.Shown;

    /// <summary>Headers of every request; their values cannot be read back.</summary>
    public IReadOnlyDictionary<string, SecretText> Headers { get; }

    /// <summary>The kind of transport; null for the CLI's own choice.</summary>
    public string? Transport { get; }

    /// <summary>How to log in.</summary>
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
