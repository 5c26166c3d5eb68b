namespace Amp;

/// <summary>The run was stopped because it exceeded its time limit, or because the CLI wrote nothing for too long.</summary>
public sealed class AmpTimeoutException : AmpException
{
    /// <summary>Creates an exception for the limit that was exceeded.</summary>
    /// <param name="message">The message, which describes the limit and what happened before.</param>
    /// <param name="errorId"><see cref="AmpErrorId.Timeout"/> or <see cref="AmpErrorId.IdleTimeout"/>.</param>
    /// <param name="limit">The limit that was exceeded.</param>
    /// <param name="recommendedAction">The recommended action.</param>
    public AmpTimeoutException(string message, string errorId, TimeSpan limit, string? recommendedAction)
        : base(message, errorId, recommendedAction) => Limit = limit;

    /// <summary>The limit that was exceeded.</summary>
    public TimeSpan Limit { get; }

    /// <summary>The end of the CLI's standard error.</summary>
    public string StandardError { get; init; } = string.Empty;
}

/// <summary>The caller canceled the run, the turn or the command. It is an ordinary cancellation in .NET.</summary>
public sealed class AmpCanceledException : OperationCanceledException
{
    /// <summary>Creates an exception for the token that was canceled.</summary>
    public AmpCanceledException(CancellationToken cancellationToken)
        : base("The run was canceled.", cancellationToken)
    {
    }

    /// <summary><see cref="AmpErrorId.Canceled"/>.</summary>
    public string ErrorId { get; } = AmpErrorId.Canceled;

    /// <summary>The recommended action, in a sentence.</summary>
    public string RecommendedAction { get; } = "If ThreadId is set, continue that thread.";

    /// <summary>The thread of the run, which can be continued; null if no thread had started.</summary>
    public string? ThreadId { get; init; }
}

/// <summary>
/// A limit of tokens, turns, tool uses or cost was reached. The run was stopped, or was not started. The agent's previous work is not
/// undone, and its thread is kept.
/// </summary>
public sealed class AmpBudgetException : AmpException
{
    /// <summary>Creates an exception for the limit that was reached.</summary>
    /// <param name="message">The message, which describes the limit and the usage.</param>
    /// <param name="recommendedAction">The recommended action.</param>
    public AmpBudgetException(string message, string? recommendedAction)
        : base(message, AmpErrorId.BudgetReached, recommendedAction)
    {
    }

    /// <summary>
    /// The option that sets the limit, such as <c>TokenLimit</c>; null if the usage is unknown or the budget file cannot be used.
    /// </summary>
    public string? LimitName { get; init; }

    /// <summary>The limit, in tokens, turns, tool uses or US dollars; null if <see cref="LimitName"/> is null.</summary>
    public decimal? Limit { get; init; }

    /// <summary>The usage, in the same unit; null if <see cref="LimitName"/> is null.</summary>
    public decimal? Used { get; init; }
}

/// <summary>A session cannot do what was requested in its current state. Nothing was sent.</summary>
public sealed class AmpSessionException : AmpException
{
    /// <summary>Creates an exception for the state of a session.</summary>
    /// <param name="message">The message, which describes the request and the reason.</param>
    /// <param name="errorId"><see cref="AmpErrorId.SessionBusy"/> or <see cref="AmpErrorId.SessionEnded"/>.</param>
    /// <param name="recommendedAction">The recommended action.</param>
    public AmpSessionException(string message, string errorId, string? recommendedAction)
        : base(message, errorId, recommendedAction)
    {
    }
}
