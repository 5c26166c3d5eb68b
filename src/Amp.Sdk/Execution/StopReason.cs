namespace Amp.Execution;

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
