using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Removes MCP servers from the user or workspace settings. Comments in the file are kept.</summary>
/// <example>
/// <code>Get-AmpMcpServer old-* | Remove-AmpMcpServer</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "AmpMcpServer", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveAmpMcpServerCommand : ManagementCmdlet
{
    /// <summary>The names of the servers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(McpServerNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Removes the servers from the workspace settings instead of the user settings.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("IsWorkspace")]
    public SwitchParameter Workspace { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        McpServerClient client = OrThrow(() => new McpServerClient(CliOptions));
        SettingsScope scope = Workspace ? SettingsScope.Workspace : SettingsScope.User;
        string path = OrThrow(() => client.SettingsPath(scope));
        SeenNames seen = RunspaceState.Current.Seen;
        foreach (string name in Name)
        {
            if (ShouldProcess($"{name} in {path}", "Remove MCP server"))
            {
                TryFor(
                    async token =>
                    {
                        await client.RemoveAsync(name, scope, token).ConfigureAwait(false);
                        seen.ForgetServer(name);
                        return true;
                    },
                    name,
                    out _);
            }
        }
    }
}
