using Amp.Budgets;
using Amp.Processes;

namespace Amp.Execution;

/// <summary>What is known about a run when it has ended.</summary>
/// <param name="Reason">The reason why this process stopped it, if it did.</param>
/// <param name="Exit">How the CLI exited; null if it could not be ended.</param>
/// <param name="Result">The result, if there is one.</param>
/// <param name="LastMessage">The last message.</param>
/// <param name="ThreadId">The thread, if it is known.</param>
/// <param name="StandardError">The end of its standard error, safe to show.</param>
/// <param name="StandardErrorTruncated">Whether its standard error was longer.</param>
internal sealed record RunEnd(
    StopReason Reason,
    ProcessExit? Exit,
    ResultMessage? Result,
    StreamMessage? LastMessage,
    string? ThreadId,
    string StandardError,
    bool StandardErrorTruncated)
{
    /// <summary>Whether the agent was to get no more messages when the run was stopped.</summary>
    public bool IsInputDone { get; init; }

    /// <summary>Whether the CLI returned a successful result although the caller had not ended the conversation.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether messages followed the last report that the service was lost.</summary>
    public bool HasRecovered { get; init; }

    /// <summary>How the run escaped its rules, in words; null if it did not.</summary>
    public string? Bypass { get; init; }

    /// <summary>Why nothing is known about the end of the CLI; null if it exited.</summary>
    public AmpException? Lost { get; init; }

    /// <summary>The meter of the run's limits; null if it has none.</summary>
    public BudgetMeter? Budget { get; init; }
}
