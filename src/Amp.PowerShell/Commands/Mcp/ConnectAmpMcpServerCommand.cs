using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Registers the client by which the CLI logs in at an MCP server. The CLI opens a browser for the login when it next talks to the
/// server, not now. A client with a secret is described by <c>New-AmpMcpServer -OAuthClientSecret</c> instead: the CLI takes it here
/// only as an argument, which all users of the machine can read.
/// </summary>
/// <example>
/// <code>Connect-AmpMcpServer tickets -ClientId amp-cli -Scope read, write</code>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "AmpMcpServer", SupportsShouldProcess = true)]
[OutputType(typeof(McpServerEntry))]
public sealed class ConnectAmpMcpServerCommand : ManagementCmdlet
{
    /// <summary>The server's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(McpServerNameCompleter))]
    public string Name { get; set; } = string.Empty;

    /// <summary>The ID of the client that was registered at the server.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("OAuthClientId")]
    public string ClientId { get; set; } = string.Empty;

    /// <summary>The server's address; by default that of the settings.</summary>
    [Parameter]
    public string? Url { get; set; }

    /// <summary>The address at which the user agrees; by default, the server is asked for it.</summary>
    [Parameter]
    [Alias("OAuthAuthorizationUrl")]
    public string? AuthorizationUrl { get; set; }

    /// <summary>The address at which tokens are given out; by default, the server is asked for it.</summary>
    [Parameter]
    [Alias("OAuthTokenUrl")]
    public string? TokenUrl { get; set; }

    /// <summary>What is asked for.</summary>
    [Parameter]
    [Alias("OAuthScope")]
    public string[]? Scope { get; set; }

    /// <summary>Writes the server then, as Get-AmpMcpServer does.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        McpServerClient client = OrThrow(() => new McpServerClient(CliOptions));
        if (ShouldProcess(Name, "Register a client for the login at MCP server")
            && TryFor(token => client.ConnectAsync(Name, ClientId, Url, AuthorizationUrl, TokenUrl, Scope, token), Name)
            && PassThru
            && TryFor(token => client.GetAsync(Name, token), Name, out McpServerEntry? entry))
        {
            WriteSeen(entry);
        }
    }
}
