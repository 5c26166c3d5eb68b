using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Gets the processes of runs: the CLI and everything it started, even if the PowerShell that started the run was killed. On Windows and
/// macOS, only the CLIs of this PowerShell are listed.
/// </summary>
/// <example>
///   <code>Get-AmpProcess -Orphan | Stop-AmpProcess</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpProcess")]
[OutputType(typeof(AmpProcess))]
public sealed class GetAmpProcessCommand : AmpCmdlet
{
    /// <summary>The process IDs. By default, all processes of runs.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ProcessIdCompleter))]
    public int[]? Id { get; set; }

    /// <summary>Gets only orphaned processes: those whose run was started by a process that has exited.</summary>
    [Parameter]
    public SwitchParameter Orphan { get; set; }

    /// <summary>Gets only processes of runs that this PowerShell started. The property <c>IsOwn</c> shows which ones these are.</summary>
    [Parameter]
    public SwitchParameter Own { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasPipedNull(nameof(Id)))
        {
            return;
        }

        IReadOnlyList<AmpProcess> all = new ProcessClient().List();
        foreach (AmpProcess process in all)
        {
            if ((Id is null || Id.Contains(process.Id)) && (!Orphan || process.IsOrphan) && (!Own || process.IsOwn))
            {
                WriteObject(process);
            }
        }

        foreach (int id in (Id ?? []).Except(all.Select(process => process.Id)))
        {
            WriteError(ProcessError.NotOfARun(id, nameof(Id)));
        }
    }
}
