using System.Text.Json;
using Amp.Mcp;

namespace Amp;

/// <summary>The login of the CLI to an MCP server with a client that was registered before.</summary>
public sealed class McpOAuth
{
    private readonly SecretText? _clientSecret;
    private readonly McpUrl _authUrl;
    private readonly McpUrl _tokenUrl;
    private readonly McpUrl? _redirectUrl;

    /// <summary>Describes a login. The CLI requires the ID of the client and both URLs.</summary>
    /// <param name="clientId">The ID of the client.</param>
    /// <param name="authUrl">The URL where the user authorizes the client.</param>
    /// <param name="tokenUrl">The URL that issues tokens.</param>
    /// <param name="clientSecret">The secret of the client, if it has one.</param>
    /// <param name="scopes">The OAuth scopes to request.</param>
    /// <param name="redirectUrl">The URL that the browser is redirected to.</param>
    /// <exception cref="AmpValidationException">A value cannot be used. The message never contains a secret.</exception>
    public McpOAuth(
        string clientId,
        string authUrl,
        string tokenUrl,
        SecretText? clientSecret = null,
        IEnumerable<string>? scopes = null,
        string? redirectUrl = null)
    {
        ClientId = McpCheck.Text(clientId, "OAuthClientId");
        _authUrl = McpUrl.Of(authUrl, "OAuthAuthorizationUrl");
        _tokenUrl = McpUrl.Of(tokenUrl, "OAuthTokenUrl");
        if (clientSecret is not null)
        {
            McpCheck.Secret(clientSecret, "OAuthClientSecret", "The client secret");
            _clientSecret = clientSecret;
        }

        Scopes = McpCheck.Scopes(scopes, "OAuthScope");
        _redirectUrl = redirectUrl is null ? null : McpUrl.Of(redirectUrl, "OAuthRedirectUrl");
    }

    /// <summary>The ID of the client.</summary>
    public string ClientId { get; }

    /// <summary>Whether there is a client secret. It cannot be read.</summary>
    public bool HasClientSecret => _clientSecret is not null;

    /// <summary>The URL where the user authorizes the client.</summary>
    public string AuthUrl => _authUrl.Shown;

    /// <summary>The URL that issues tokens.</summary>
    public string TokenUrl => _tokenUrl.Shown;

    /// <summary>The OAuth scopes to request.</summary>
    public IReadOnlyList<string> Scopes { get; }

    /// <summary>The URL that the browser is redirected to; null for that of the CLI.</summary>
    public string? RedirectUrl => _redirectUrl?.Shown;

    /// <summary>Returns only the ID of the client.</summary>
    public override string ToString() => ClientId;

    internal IEnumerable<string> SecretValues =>
    [
        .. _clientSecret is null ? [] : (string[])[_clientSecret.Reveal()],
        .. _authUrl.Secrets,
        .. _tokenUrl.Secrets,
        .. _redirectUrl?.Secrets ?? [],
    ];

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("clientId", ClientId);
        McpJson.WriteText(writer, "clientSecret", _clientSecret?.Reveal());
        writer.WriteString("authUrl", _authUrl.Text);
        writer.WriteString("tokenUrl", _tokenUrl.Text);
        McpJson.WriteTexts(writer, "scopes", Scopes);
        McpJson.WriteText(writer, "redirectUrl", _redirectUrl?.Text);
        writer.WriteEndObject();
    }
}
