namespace Amp;

/// <summary>What came of a run: more than whether it failed, since a run may succeed and not have done its work.</summary>
public enum ResultOutcome
{
    /// <summary>The run ended well and nothing speaks against it.</summary>
    Succeeded,

    /// <summary>At least one tool was not allowed; the agent may have gone on without it.</summary>
    Denied,

    /// <summary>
    /// The run ended well and its result holds no answer. A result with an answer is none of these, even where no message came before
    /// it: the CLI may leave those out after a prompt beyond 1 MiB (0.0.1774310664).
    /// </summary>
    Empty,

    /// <summary>
    /// The run ended well in the middle of its work: the last that the agent said before the result is a tool call, and the tool's
    /// result never came. What the result holds is then what the agent said beside the call.
    /// </summary>
    Truncated,

    /// <summary>The run failed.</summary>
    Failed,

    /// <summary>The run had taken all the turns that it may take.</summary>
    MaxTurns,

    /// <summary>The run was cancelled.</summary>
    Canceled,

    /// <summary>The run was ended because it took too long.</summary>
    TimedOut,

    /// <summary>The service did not accept the key.</summary>
    NotAuthenticated,

    /// <summary>The run was ended because a limit of its own, or of its budget, was reached.</summary>
    BudgetReached,

    /// <summary>The run ended well by the CLI's account and without the answer in the shape that was asked for.</summary>
    OutputMissing,

    /// <summary>No answer of the run fits the schema that was asked for.</summary>
    OutputInvalid,

    /// <summary>The caller's verification of the work never passed.</summary>
    NotVerified,
}
