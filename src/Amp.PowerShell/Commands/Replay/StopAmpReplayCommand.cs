using System.Management.Automation;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>Ends a replay that was started without a script block. After that, the previous replay answers runs again; if there is none, runs are real.</summary>
/// <example>
///   <code>AfterAll { Stop-AmpReplay }</code>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "AmpReplay")]
[OutputType(typeof(void))]
public sealed class StopAmpReplayCommand : AmpCmdlet
{
    /// <summary>The replay to end. By default, the one that was started last without a script block.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public AmpReplay? Replay { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasPipedNull(nameof(Replay)))
        {
            return;
        }

        if (RunspaceState.Current.Replays.Stop(Replay) is AmpReplay stopped)
        {
            UnusedAnswers.Report(this, stopped);
        }
        else
        {
            WriteVerbose("No such replay is active. The replay of a script block ends with the block.");
        }
    }
}
