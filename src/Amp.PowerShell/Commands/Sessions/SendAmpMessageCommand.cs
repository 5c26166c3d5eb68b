using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Says something to the agent of a session and writes its messages to the end of the turn. Leaving the pipeline early, by
/// <c>Select-Object -First</c> or Ctrl+C, breaks the turn off; the session can be used again.
/// </summary>
[Cmdlet(VerbsCommunications.Send, "AmpMessage", SupportsShouldProcess = true)]
[OutputType(
    typeof(SystemMessage), typeof(UserMessage), typeof(AssistantMessage), typeof(ErrorResultMessage),
    typeof(UnknownMessage))]
public sealed class SendAmpMessageCommand : AmpCmdlet
{
    /// <summary>The session, as <c>New-AmpSession</c> made it, or its name or number.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [SessionTransformation]
    [ArgumentCompleter(typeof(SessionNameCompleter))]
    public AmpSession Session { get; set; } = null!;

    /// <summary>What to say: texts, or messages that <c>New-AmpUserMessage</c> made. Each is a turn.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public object? Message { get; set; }

    /// <summary>Does not wait for the answer, which <c>Receive-AmpMessage</c> then gives.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!TryWork(ToMessage, out UserInputMessage? message)
            || !ShouldProcess(Session.ToString(), $"Send a message of {RunDescription.OfPrompt(message!.Text)}"))
        {
            return;
        }

        if (NoWait)
        {
            TryWork(
                () =>
                {
                    Session.Post(message);
                    return true;
                },
                out _);
            return;
        }

        if (Session.ThreadId is string thread && Session.ProcessId is null)
        {
            WriteVerbose($"{Session} continues thread {thread} with a new process of the CLI.");
        }

        using RunWriter writer = new(this, Session.Plan, Session.StreamAsync(message, StopToken), PipelineCalls.Of(Session), StopToken)
        {
            AskedThread = Session.ThreadId,
            Subject = "The turn of thread",
        };
        writer.WriteRest();
    }

    // Nothing is written inside: an error of a downstream cmdlet must pass.
    private bool TryWork<T>(Func<T> work, out T? outcome)
    {
        AmpException failure;
        try
        {
            outcome = work();
            return true;
        }
        catch (AmpException exception)
        {
            outcome = default;
            failure = exception;
        }

        WriteError(AmpErrorRecord.Of(failure));
        return false;
    }

    private UserInputMessage ToMessage() => PlainValue.Unwrap(Message) switch
    {
        UserInputMessage message => message,
        string text => new UserInputMessage(text),
        null => new UserInputMessage(string.Empty),
        object other => throw new AmpValidationException(
            $"An object of type {other.GetType()} is no message; nothing was sent for it.",
            nameof(Message),
            "Give a text or what New-AmpUserMessage makes; ... | Out-String makes a text of objects.",
            other),
    };
}
