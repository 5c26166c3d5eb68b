namespace Amp;

/// <summary>The outcome of a run. A run that did not fail may still have an incomplete result.</summary>
public enum ResultOutcome
{
    /// <summary>The run succeeded without any of the following.</summary>
    Succeeded,

    /// <summary>At least one tool was denied. The agent may have continued without it.</summary>
    Denied,

    /// <summary>
    /// The run succeeded, but its result is empty. A result with an answer is never empty, even if no message came before it: the CLI may
    /// omit messages after a prompt of more than 1 MiB (0.0.1774310664).
    /// </summary>
    Empty,

    /// <summary>
    /// The run succeeded, but ended during its work: the agent's last message before the result is a tool call without a result.
    /// <c>Result</c> is then the text next to that call.
    /// </summary>
    Truncated,

    /// <summary>The run failed.</summary>
    Failed,

    /// <summary>The run reached its maximum number of turns.</summary>
    MaxTurns,

    /// <summary>The run was canceled.</summary>
    Canceled,

    /// <summary>The run was stopped because it exceeded a time limit.</summary>
    TimedOut,

    /// <summary>The service did not accept the key.</summary>
    NotAuthenticated,

    /// <summary>The run was stopped because it reached its own limit or that of its budget.</summary>
    BudgetReached,

    /// <summary>The CLI reported success, but the requested structured answer is missing.</summary>
    OutputMissing,

    /// <summary>No answer of the run matches the requested schema.</summary>
    OutputInvalid,

    /// <summary>Your verification of the work never succeeded.</summary>
    NotVerified,
}
