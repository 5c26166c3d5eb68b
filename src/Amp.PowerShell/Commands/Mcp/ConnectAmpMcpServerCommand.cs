using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Registers the client that the CLI uses to log in to an MCP server.</summary>
/// <example>
/// <code>Connect-AmpMcpServer tickets -ClientId amp-cli -Scope read, write</code>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "AmpMcpServer", SupportsShouldProcess = true)]
[OutputType(typeof(McpServerEntry))]
public sealed class ConnectAmpMcpServerCommand : ManagementCmdlet
{
    /// <summary>The name of the server.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(McpServerNameCompleter))]
    public string Name { get; set; } = string.Empty;

    /// <summary>The ID of the client that is registered with the server.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("OAuthClientId")]
    public string ClientId { get; set; } = string.Empty;

    /// <summary>The URL of the server. The default is the one in the settings.</summary>
    [Parameter]
    public string? Url { get; set; }

    /// <summary>The URL where the user authorizes the client. By default, the server provides it.</summary>
    [Parameter]
    [Alias("OAuthAuthorizationUrl")]
    public string? AuthorizationUrl { get; set; }

    /// <summary>The URL that issues tokens. By default, the server provides it.</summary>
    [Parameter]
    [Alias("OAuthTokenUrl")]
    public string? TokenUrl { get; set; }

    /// <summary>The OAuth scopes to request.</summary>
    [Parameter]
    [Alias("OAuthScope")]
    public string[]? Scope { get; set; }

    /// <summary>Writes the server to the pipeline, as <c>Get-AmpMcpServer</c> does.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        McpServerClient client = OrThrow(() => new McpServerClient(CliOptions));
        if (ShouldProcess(Name, "Register a client to log in to the MCP server")
            && TryFor(token => client.ConnectAsync(Name, ClientId, Url, AuthorizationUrl, TokenUrl, Scope, token), Name)
            && PassThru
            && TryFor(token => client.GetAsync(Name, token), Name, out McpServerEntry? entry))
        {
            WriteSeen(entry);
        }
    }
}
