using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Breaks off the turn that a session works on. No CLI can do that and live on, so its process ends, and the session's next message
/// continues the thread in a new one.
/// </summary>
[Cmdlet(VerbsLifecycle.Stop, "AmpTurn", SupportsShouldProcess = true)]
[OutputType(typeof(AmpSession))]
public sealed class StopAmpTurnCommand : AmpCmdlet
{
    /// <summary>The session, as <c>New-AmpSession</c> made it, or its name or number.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public AmpSession Session { get; set; } = null!;

    /// <summary>Writes the session when its turn has ended.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ShouldProcess(Session.ToString(), "Stop the turn"))
        {
            bool hadTurn = WaitOrThrow(_ => Session.StopTurnAsync());
            WriteVerbose(hadTurn ? $"The turn of {Session} was stopped." : $"{Session} has no turn to stop.");
            if (PassThru)
            {
                WriteObject(Session);
            }
        }
    }
}
