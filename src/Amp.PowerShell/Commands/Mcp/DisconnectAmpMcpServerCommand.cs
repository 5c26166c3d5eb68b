using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Removes the stored logins of MCP servers.</summary>
/// <example>
/// <code>Disconnect-AmpMcpServer tickets</code>
/// </example>
[Cmdlet(VerbsCommunications.Disconnect, "AmpMcpServer", SupportsShouldProcess = true)]
[OutputType(typeof(McpServerEntry))]
public sealed class DisconnectAmpMcpServerCommand : ManagementCmdlet
{
    /// <summary>The names of the servers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(McpServerNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Writes the server to the pipeline, as <c>Get-AmpMcpServer</c> does.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        McpServerClient client = OrThrow(() => new McpServerClient(CliOptions));
        foreach (string name in Name)
        {
            if (ShouldProcess(name, "Remove the login to the MCP server")
                && TryFor(token => client.DisconnectAsync(name, token), name)
                && PassThru
                && TryFor(token => client.GetAsync(name, token), name, out McpServerEntry? entry))
            {
                WriteSeen(entry);
            }
        }
    }
}
