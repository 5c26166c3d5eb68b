using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Writes the messages that a session received since the last call. Without <c>-Wait</c>, the cmdlet returns at once. With <c>-Wait</c>, it returns at the
/// end of the turn. The tools of the session (<c>-Tool</c>) run while a cmdlet waits.
/// </summary>
[Cmdlet(VerbsCommunications.Receive, "AmpMessage")]
[OutputType(
    typeof(SystemMessage), typeof(UserMessage), typeof(AssistantMessage), typeof(ErrorResultMessage),
    typeof(UnknownMessage))]
public sealed class ReceiveAmpMessageCommand : AmpCmdlet
{
    /// <summary>The session from <c>New-AmpSession</c>, or its name or number.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public AmpSession Session { get; set; } = null!;

    /// <summary>Waits for the end of the active turn. Ctrl+C ends the wait, but not the turn.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        using RunWriter writer = new(this, Session.Plan, Session.ReceiveAsync(Wait, StopToken), PipelineCalls.Of(Session), StopToken)
        {
            AskedThread = Session.ThreadId,
            Subject = "Receiving the messages of thread",
        };
        writer.WriteRest();
    }
}
