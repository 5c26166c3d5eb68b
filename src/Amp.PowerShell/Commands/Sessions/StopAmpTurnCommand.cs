using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Stops the active turn. A CLI cannot stop a turn and keep running, so its process is stopped, after two seconds by force. The session's next message
/// continues the thread in a new process. If the session has no active turn, nothing changes.
/// </summary>
[Cmdlet(VerbsLifecycle.Stop, "AmpTurn", SupportsShouldProcess = true)]
[OutputType(typeof(AmpSession))]
public sealed class StopAmpTurnCommand : AmpCmdlet
{
    /// <summary>The session from <c>New-AmpSession</c>, or its name or number.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public AmpSession Session { get; set; } = null!;

    /// <summary>Writes the session to the pipeline when its turn has ended.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ShouldProcess(Session.ToString(), "Stop the turn"))
        {
            bool hadTurn = WaitOrThrow(StopTurnAsync);
            WriteVerbose(hadTurn ? $"The turn of {Session} was stopped." : $"{Session} has no turn to stop.");
            if (PassThru)
            {
                WriteObject(Session);
            }
        }
    }

    // A tool of the turn may be what stops it. The turn ends when the pipeline of the tool has ended.
    private async Task<bool> StopTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Session.StopTurnAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }
    }
}
