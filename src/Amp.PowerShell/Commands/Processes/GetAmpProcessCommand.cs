using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Lists the processes of runs: the CLI and what it has started, also where the PowerShell that ran it was killed. On Windows and macOS
/// these are the CLIs of this PowerShell only.
/// </summary>
/// <example>
///   <code>Get-AmpProcess -Orphan | Stop-AmpProcess</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpProcess")]
[OutputType(typeof(AmpProcess))]
public sealed class GetAmpProcessCommand : AmpCmdlet
{
    /// <summary>The IDs of processes; by default all that belong to a run.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ProcessIdCompleter))]
    public int[]? Id { get; set; }

    /// <summary>Gets only orphaned processes: those whose run was started by a process that has ended.</summary>
    [Parameter]
    public SwitchParameter Orphan { get; set; }

    /// <summary>Only those of runs that this PowerShell has started, and no other one.</summary>
    [Parameter]
    public SwitchParameter Own { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        IReadOnlyList<AmpProcess> all = ProcessClient.List();
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
