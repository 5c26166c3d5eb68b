using System.Text.Json;
using Amp.Mcp;

namespace Amp;

/// <summary>How the CLI logs in at an MCP server with a client that was registered beforehand.</summary>
public sealed class McpOAuth
{
    private readonly SecretText? _clientSecret;
    private readonly McpUrl _authUrl;
    private readonly McpUrl _tokenUrl;
    private readonly McpUrl? _redirectUrl;

    /// <summary>Describes a login. The CLI wants the client's ID and both addresses.</summary>
    /// <param name="clientId">The client's ID.</param>
    /// <param name="authUrl">The address at which the user agrees.</param>
    /// <param name="tokenUrl">The address at which tokens are given out.</param>
    /// <param name="clientSecret">The client's secret, where it has one.</param>
    /// <param name="scopes">What is asked for; one scope each.</param>
    /// <param name="redirectUrl">The address that the browser is sent back to.</param>
    /// <exception cref="AmpValidationException">One of them cannot be used; the message never holds a secret.</exception>
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

    /// <summary>The client's ID.</summary>
    public string ClientId { get; }

    /// <summary>Whether there is a client secret. It cannot be read back.</summary>
    public bool HasClientSecret => _clientSecret is not null;

    /// <summary>The address at which the user agrees.</summary>
    public string AuthUrl => _authUrl.Shown;

    /// <summary>The address at which tokens are given out.</summary>
    public string TokenUrl => _tokenUrl.Shown;

    /// <summary>What is asked for.</summary>
    public IReadOnlyList<string> Scopes { get; }

    /// <summary>The address that the browser is sent back to; null for the CLI's own.</summary>
    public string? RedirectUrl => _redirectUrl?.Shown;

    /// <summary>The client's ID; never more.</summary>
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
