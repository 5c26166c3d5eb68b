using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Forgets the logins at MCP servers.</summary>
/// <example>
/// <code>Disconnect-AmpMcpServer tickets</code>
/// </example>
[Cmdlet(VerbsCommunications.Disconnect, "AmpMcpServer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class DisconnectAmpMcpServerCommand : ManagementCmdlet
{
    /// <summary>The servers' names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(McpServerNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        McpServerClient client = OrThrow(() => new McpServerClient(CliOptions));
        foreach (string name in Name)
        {
            if (ShouldProcess(name, "Forget the login at MCP server"))
            {
                TryFor(
                    async token =>
                    {
                        await client.DisconnectAsync(name, token).ConfigureAwait(false);
                        return true;
                    },
                    name,
                    out _);
            }
        }
    }
}
