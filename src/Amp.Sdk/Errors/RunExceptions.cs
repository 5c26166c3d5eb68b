namespace Amp;

/// <summary>The run was ended because it took too long in total, or because the CLI was silent for too long.</summary>
public sealed class AmpTimeoutException : AmpException
{
    /// <summary>Makes an exception for the limit that was reached.</summary>
    /// <param name="message">Which limit, and what had happened until then.</param>
    /// <param name="errorId"><see cref="AmpErrorId.Timeout"/> or <see cref="AmpErrorId.IdleTimeout"/>.</param>
    /// <param name="limit">The limit that was reached.</param>
    /// <param name="recommendedAction">The way out.</param>
    public AmpTimeoutException(string message, string errorId, TimeSpan limit, string? recommendedAction)
        : base(message, errorId, recommendedAction) => Limit = limit;

    /// <summary>The limit that was reached.</summary>
    public TimeSpan Limit { get; }

    /// <summary>The end of what the CLI had written to its standard error.</summary>
    public string StandardError { get; init; } = string.Empty;
}

/// <summary>The caller cancelled the run, the turn or the command. To .NET it is a cancellation like every other.</summary>
public sealed class AmpCanceledException : OperationCanceledException
{
    /// <summary>Makes an exception for the token that was cancelled.</summary>
    public AmpCanceledException(CancellationToken cancellationToken)
        : base("The run was cancelled.", cancellationToken)
    {
    }

    /// <summary><see cref="AmpErrorId.Canceled"/>.</summary>
    public string ErrorId { get; } = AmpErrorId.Canceled;

    /// <summary>What to do about it, in a sentence.</summary>
    public string RecommendedAction { get; } = "If ThreadId is set, continue that thread.";

    /// <summary>The thread of the run, where one had begun: with it the run can be continued.</summary>
    public string? ThreadId { get; init; }
}

/// <summary>
/// A limit of tokens, turns, tool uses or cost is reached: the run was ended, or was not started. What the agent did before is done, and its
/// thread is kept.
/// </summary>
public sealed class AmpBudgetException : AmpException
{
    /// <summary>Makes an exception for the limit that is reached.</summary>
    /// <param name="message">Which limit, and what was used of it.</param>
    /// <param name="recommendedAction">How to go on.</param>
    public AmpBudgetException(string message, string? recommendedAction)
        : base(message, AmpErrorId.BudgetReached, recommendedAction)
    {
    }

    /// <summary>
    /// The option that sets the limit, such as <c>TokenLimit</c>; null where the usage is unknown or the budget's file cannot be used.
    /// </summary>
    public string? LimitName { get; init; }

    /// <summary>The limit, in tokens, turns, tool uses or US dollars; null where <see cref="LimitName"/> is.</summary>
    public decimal? Limit { get; init; }

    /// <summary>What is used of it, in the same unit; null where <see cref="LimitName"/> is.</summary>
    public decimal? Used { get; init; }
}

/// <summary>A session cannot do what was asked of it in the state it is in. Nothing was sent.</summary>
public sealed class AmpSessionException : AmpException
{
    /// <summary>Makes an exception for a session's state.</summary>
    /// <param name="message">What was asked, and why it cannot be done.</param>
    /// <param name="errorId"><see cref="AmpErrorId.SessionBusy"/> or <see cref="AmpErrorId.SessionEnded"/>.</param>
    /// <param name="recommendedAction">The way out.</param>
    public AmpSessionException(string message, string errorId, string? recommendedAction)
        : base(message, errorId, recommendedAction)
    {
    }
}
