namespace Amp;

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
