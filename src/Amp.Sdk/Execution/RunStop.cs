using System.Runtime.ExceptionServices;

namespace Amp.Execution;

/// <summary>The request to stop a run from this side. The first reason is the one that is reported; later ones are consequences.</summary>
internal sealed class RunStop
{
    private readonly TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reason;
    private volatile bool _isInputDone;

    /// <summary>The reason; none while nobody has requested a stop.</summary>
    public StopReason Reason => (StopReason)Volatile.Read(ref _reason);

    /// <summary>Completes with the first request.</summary>
    public Task Requested => _requested.Task;

    /// <summary>
    /// Whether the agent gets no more messages: the caller has none, and the verification of the work has ended. A limit that is exceeded earlier is an error,
    /// although the CLI then ends with a successful result. A turn of a session has only its own message.
    /// </summary>
    public bool IsInputDone
    {
        get => _isInputDone;
        set => _isInputDone = value;
    }

    /// <summary>The failure of the caller's messages; null if there was none.</summary>
    public ExceptionDispatchInfo? InputFailure { get; private set; }

    /// <summary>Requests the stop.</summary>
    public void Request(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)StopReason.None) == (int)StopReason.None)
        {
            _requested.TrySetResult();
        }
    }

    /// <summary>Requests the stop because the caller's messages failed: half a conversation must not pass for a whole one.</summary>
    public void RequestFor(Exception inputFailure)
    {
        InputFailure = ExceptionDispatchInfo.Capture(inputFailure);
        Request(StopReason.InputFailed);
    }
}

/// <summary>Why a run is stopped from this side.</summary>
internal enum StopReason
{
    None,
    Canceled,
    Abandoned,
    Timeout,
    IdleTimeout,
    LoginStarted,
    LineTooLong,
    StaysAfterOutput,
    InputFailed,
    ReadFailed,
    ServiceLost,
    QuestionUnanswered,
    RulesBypassed,
    OutputInvalid,
    BudgetReached,
}
