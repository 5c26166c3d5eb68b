using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Writes what has come of the messages that were sent with <c>-NoWait</c>, each message once.</summary>
[Cmdlet(VerbsCommunications.Receive, "AmpMessage")]
[OutputType(
    typeof(SystemMessage), typeof(UserMessage), typeof(AssistantMessage), typeof(ErrorResultMessage),
    typeof(UnknownMessage))]
public sealed class ReceiveAmpMessageCommand : AmpCmdlet
{
    /// <summary>The session, as <c>New-AmpSession</c> made it, or its name or number.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public AmpSession Session { get; set; } = null!;

    /// <summary>Waits for the end of a turn that is under way. Ctrl+C ends the waiting, and not the turn.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        using RunWriter writer = new(this, Session.Plan, Session.ReceiveAsync(Wait, StopToken), PipelineCalls.Of(Session), StopToken)
        {
            AskedThread = Session.ThreadId,
            Subject = "What was kept of thread",
        };
        writer.WriteRest();
    }
}
