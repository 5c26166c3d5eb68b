using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Stops processes of runs: sends the Ctrl+C signal and, after two seconds, stops them by force. On Windows, the run that a process belongs
/// to is stopped at once and by force, with all its processes. Other processes cannot be stopped with this cmdlet.
/// </summary>
/// <example>
///   <code>Get-AmpProcess | Where-Object StartTime -lt (Get-Date).AddHours(-6) | Stop-AmpProcess -WhatIf</code>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "AmpProcess", SupportsShouldProcess = true)]
[OutputType(typeof(AmpProcess))]
public sealed class StopAmpProcessCommand : AmpCmdlet
{
    private readonly List<AmpProcess> _chosen = [];

    /// <summary>The process IDs.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ProcessIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The run of a piped process, so that another process with the same ID is not stopped.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    public string? RunId { get; set; }

    /// <summary>Writes the stopped processes to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        IReadOnlyList<AmpProcess> all = new ProcessClient().List();
        foreach (int id in Id)
        {
            AmpProcess? process = all.FirstOrDefault(process => process.Id == id && (RunId is null || process.RunId == RunId));
            if (process is null)
            {
                // A piped process that has exited in the meantime is the desired result. Other objects have an Id and a RunId too, such as the child job
                // of a run, but only that of a process is a GUID.
                if (!Guid.TryParseExact(RunId, "N", out _))
                {
                    WriteError(ProcessError.NotOfARun(id, nameof(Id)));
                }
            }
            else if (ShouldProcess($"{process} of the run that process {process.OwnerId} started", "Stop"))
            {
                _chosen.Add(process);
            }
        }
    }

    // All at once, because each can take the whole grace period.
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        IReadOnlyList<AmpProcess> left = WaitOrThrow(token => new ProcessClient().StopAsync(_chosen, cancellationToken: token));
        foreach (AmpProcess process in _chosen)
        {
            if (left.Contains(process))
            {
                WriteError(ProcessError.NotEnded(process));
            }
            else if (PassThru)
            {
                WriteObject(process);
            }
        }
    }
}
