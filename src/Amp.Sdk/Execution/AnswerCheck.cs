using Amp.Plans;
using Amp.Services;
using Amp.Text;
using Amp.Verification;

namespace Amp.Execution;

/// <summary>
/// Decides whether the agent has completed its task when it reports that it is done: whether it has given its structured answer, and
/// whether the caller's verification of the work succeeds. If not, the agent is told what is missing.
/// </summary>
internal sealed class AnswerCheck
{
    private const int LongestQuote = 500;

    private readonly OutputCollector? _output;
    private readonly Verifier? _verifier;
    private readonly RunWork _callerWait;
    private readonly bool _isSession;
    private AssistantMessage? _last;
    private string? _reminder;
    private string? _threadId;

    /// <param name="surroundings">The open services of the run.</param>
    /// <param name="isSession">Whether each turn has its own reader, which is told about it.</param>
    /// <param name="exhausted">Called when the agent has no further try.</param>
    public AnswerCheck(RunSurroundings surroundings, bool isSession, Action exhausted)
    {
        _output = surroundings.Output;
        _verifier = surroundings.Verifier;
        _callerWait = surroundings.CallerWait;
        _isSession = isSession;
        if (_output is not null && !isSession)
        {
            _output.Exhausted = exhausted;
        }

        Dialogue = new RunDialogue
        {
            CallerWait = _callerWait,
            Instruction = _output is null ? null : OutputService.Instruction,
            CallerSpeaks = _output is null ? null : _output.BeginTurn,
            AtEndOfTurn = _output is null ? null : () => Interlocked.Exchange(ref _reminder, null),
            AtEnd = _verifier is null ? null : VerifyAsync,
        };
    }

    /// <summary>The messages to the agent in addition to the caller's messages.</summary>
    public RunDialogue Dialogue { get; }

    /// <summary>The outcome of a run without an error; null if nothing is missing.</summary>
    public ResultOutcome? Outcome => _isSession ? null
        : _output is { Json: null } ? _output.Faults is null ? ResultOutcome.OutputMissing : ResultOutcome.OutputInvalid
        : _verifier is { HasPassed: false } ? ResultOutcome.NotVerified
        : null;

    /// <summary>Records what the agent has written.</summary>
    public void NoteMessage(StreamMessage message)
    {
        _threadId ??= message.SessionId;
        _last = message is AssistantMessage { WaitsForUser: true } said ? said : _last;
        if (message is AssistantMessage or UserMessage)
        {
            // A CLI that goes on after the end of its turn does not wait for the caller.
            _callerWait.IsCliBusy = message is not AssistantMessage { WaitsForUser: true };
        }
    }

    /// <summary>
    /// Decides whether a turn has ended, before the message that ends it is created; null if the answer of the turn is not checked.
    /// </summary>
    /// <param name="sessionId">The thread in the message.</param>
    public TurnEnd? EndTurn(string? sessionId)
    {
        if (_output is null)
        {
            return null;
        }

        _threadId ??= sessionId;
        _reminder = _output.Ask();
        return new TurnEnd
        {
            IsFollowedUp = _reminder is not null,
            Output = _isSession ? _output.Value : null,
            OutputJson = _isSession ? _output.Json : null,
            Failure = _isSession && _reminder is null ? OutputFailure(_threadId, null) : null,
        };
    }

    /// <summary>The structured answer.</summary>
    public (object? Value, string? Json) Output => (_output?.Value, _output?.Json);

    /// <summary>The caller's verifications so far.</summary>
    public IReadOnlyList<AmpVerification> Verifications => _verifier?.Verifications ?? ReadableList<AmpVerification>.None;

    /// <summary>The exception for what is missing; null for nothing.</summary>
    public AmpException? Failure(string? threadId, ResultMessage? result) => _isSession ? null
        : (AmpException?)OutputFailure(threadId, result)
            ?? (_verifier is { HasPassed: false } ? new AmpVerificationException(_verifier.Verifications, result, threadId) : null);

    private async Task<string?> VerifyAsync(CancellationToken cancellationToken)
    {
        string? feedback = await _verifier!.VerifyAsync(_threadId, _last?.Text ?? string.Empty, _output?.Json, cancellationToken).ConfigureAwait(false);
        if (feedback is not null)
        {
            // An answer about work whose verification failed does not apply to the next try.
            _output?.BeginTurn();
        }

        return feedback is null || _output is null ? feedback : $"{feedback}\n\n{OutputService.Instruction}";
    }

    private AmpOutputException? OutputFailure(string? threadId, ResultMessage? result)
    {
        if (_output is not { Json: null })
        {
            return null;
        }

        string wayOut = threadId is null ? "Run the prompt again." : $"Read thread {threadId}. Then continue it, or run the prompt again.";
        return new AmpOutputException(
            _output.Faults is string faults
                ? $"The agent's {(_output.Rejected.Count == 1 ? "answer does" : $"{_output.Rejected.Count} answers do")} not match the output schema. Errors in the last one: {TerminalText.Strip(Short(faults.ReplaceLineEndings("; ")))}"
                : "The agent ended without an answer that matches the output schema.",
            _output.Faults is null ? AmpErrorId.OutputMissing : AmpErrorId.OutputInvalid,
            _output.Faults is null ? wayOut : "Simplify the schema or describe its properties, or allow more tries (AmpOptions.OutputRetryLimit). " + wayOut)
        {
            Rejected = ReadableList<string>.Of(_output.Rejected),
            Result = result,
            ThreadId = threadId,
        };
    }

    private static string Short(string text) => TruncatedText.Shown(text, LongestQuote);
}
