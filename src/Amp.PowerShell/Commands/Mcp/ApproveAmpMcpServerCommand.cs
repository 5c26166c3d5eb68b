using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// A server in the settings of a folder does not run until you approve it, because it runs with your rights. Check what it starts first.
/// Requires an API key.
/// </summary>
/// <example>
/// <code>Approve-AmpMcpServer build-tools</code>
/// </example>
[Cmdlet(VerbsLifecycle.Approve, "AmpMcpServer", SupportsShouldProcess = true)]
[OutputType(typeof(McpServerEntry))]
public sealed class ApproveAmpMcpServerCommand : ManagementCmdlet
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
            if (ShouldProcess(name, "Approve the workspace's MCP server")
                && TryFor(token => client.ApproveAsync(name, token), name)
                && PassThru
                && TryFor(token => client.GetAsync(name, token), name, out McpServerEntry? entry))
            {
                WriteSeen(entry);
            }
        }
    }
}
