using System.Collections;
using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Describes an MCP server whose tools the agent can use.</summary>
[Cmdlet(VerbsCommon.New, "AmpMcpServer", DefaultParameterSetName = StdioSet)]
[OutputType(typeof(McpStdioServer), ParameterSetName = [StdioSet])]
[OutputType(typeof(McpHttpServer), ParameterSetName = [HttpSet])]
public sealed class NewAmpMcpServerCommand : AmpCmdlet
{
    private const string StdioSet = "Stdio";
    private const string HttpSet = "Http";

    /// <summary>The name of the server. It is part of the names of its tools.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [AllowNull]
    [AllowEmptyString]
    public string? Name { get; set; }

    /// <summary>The program that the CLI starts, without arguments.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = StdioSet)]
    [AllowNull]
    [AllowEmptyString]
    public string? Command { get; set; }

    /// <summary>The arguments of the program.</summary>
    [Parameter(Position = 2, ParameterSetName = StdioSet)]
    [Alias("Args")]
    public string[]? ArgumentList { get; set; }

    /// <summary>Environment variables for the program. Values can be a <c>SecureString</c>.</summary>
    [Parameter(ParameterSetName = StdioSet)]
    [Alias("Env")]
    [DictionaryTransformation("@{ NAME = 'value' }")]
    public IDictionary? Environment { get; set; }

    /// <summary>The URL of the server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HttpSet)]
    [AllowNull]
    [AllowEmptyString]
    public string? Url { get; set; }

    /// <summary>Headers of every request. Values can be a <c>SecureString</c>.</summary>
    [Parameter(ParameterSetName = HttpSet)]
    [Alias("Headers")]
    [DictionaryTransformation("@{ Authorization = 'Bearer ${TOKEN}' }")]
    public IDictionary? Header { get; set; }

    /// <summary>The kind of transport, such as <c>sse</c>.</summary>
    [Parameter(ParameterSetName = HttpSet)]
    public string? Transport { get; set; }

    /// <summary>The ID of a client that is registered with the server.</summary>
    [Parameter(ParameterSetName = HttpSet)]
    public string? OAuthClientId { get; set; }

    /// <summary>The secret of the client, as a string or a <c>SecureString</c>.</summary>
    [Parameter(ParameterSetName = HttpSet)]
    public object? OAuthClientSecret { get; set; }

    /// <summary>The URL where the user authorizes the client.</summary>
    [Parameter(ParameterSetName = HttpSet)]
    [Alias("OAuthAuthUrl")]
    public string? OAuthAuthorizationUrl { get; set; }

    /// <summary>The URL that issues tokens.</summary>
    [Parameter(ParameterSetName = HttpSet)]
    public string? OAuthTokenUrl { get; set; }

    /// <summary>The OAuth scopes to request.</summary>
    [Parameter(ParameterSetName = HttpSet)]
    public string[]? OAuthScope { get; set; }

    /// <summary>The URL that the browser is redirected to.</summary>
    [Parameter(ParameterSetName = HttpSet)]
    public string? OAuthRedirectUrl { get; set; }

    /// <summary>Excludes the server from runs, including one of the same name in your settings.</summary>
    [Parameter]
    public SwitchParameter Disabled { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(OrThrow(Make));

    private McpServer Make() => ParameterSetName == HttpSet
        ? new McpHttpServer(Name!, Url!, SecretParameter.ToSecrets(Header, nameof(Header)), Given(Transport), OAuth(), Disabled)
        : new McpStdioServer(Name!, Command!, ArgumentList, SecretParameter.ToSecrets(Environment, nameof(Environment)), Disabled);

    // PowerShell converts null to an empty string.
    private static string? Given(string? text) => text is { Length: 0 } ? null : text;

    private McpOAuth? OAuth() =>
        MyInvocation.BoundParameters.Keys.Any(name => name.StartsWith(nameof(OAuth), StringComparison.Ordinal))
            ? new McpOAuth(
                OAuthClientId!,
                OAuthAuthorizationUrl!,
                OAuthTokenUrl!,
                MyInvocation.BoundParameters.ContainsKey(nameof(OAuthClientSecret))
                    ? SecretParameter.ToSecret(OAuthClientSecret, nameof(OAuthClientSecret), "The client secret")
                    : null,
                OAuthScope,
                Given(OAuthRedirectUrl))
            : null;
}
