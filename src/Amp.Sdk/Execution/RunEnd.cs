using Amp.Budgets;
using Amp.Processes;

namespace Amp.Execution;

/// <summary>What is known of a run when it has ended.</summary>
/// <param name="Reason">Why it was ended from this side, if it was.</param>
/// <param name="Exit">How the CLI ended; null where it could not be ended.</param>
/// <param name="Result">Its result, if it gave one.</param>
/// <param name="LastMessage">Its last message.</param>
/// <param name="ThreadId">Its thread, once known.</param>
/// <param name="StandardError">The end of its standard error, safe to show.</param>
/// <param name="StandardErrorTruncated">Whether there was more of it.</param>
internal sealed record RunEnd(
    StopReason Reason,
    ProcessExit? Exit,
    ResultMessage? Result,
    StreamMessage? LastMessage,
    string? ThreadId,
    string StandardError,
    bool StandardErrorTruncated)
{
    /// <summary>How the run was no longer held to its rules, in words; null where it was.</summary>
    public string? Bypass { get; init; }

    /// <summary>What counted the run on its limits; null where it has none.</summary>
    public BudgetMeter? Budget { get; init; }
}

/// <summary>Why a run is ended from this side.</summary>
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
