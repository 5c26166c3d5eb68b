namespace Amp.Budgets;

/// <summary>The limits of a budget, and what is used of them, at one moment.</summary>
/// <param name="Limits">The limits.</param>
/// <param name="Used">What is used.</param>
/// <param name="Fault">Why the budget cannot be counted any more; null where it can.</param>
internal readonly record struct BudgetState(BudgetLimits Limits, BudgetCounts Used, string? Fault)
{
    private static readonly BudgetKind[] s_kinds = Enum.GetValues<BudgetKind>();

    /// <summary>Whether usage was not told that a limit is set for.</summary>
    public bool HasUnknownUsage => UnknownKind is not null;

    /// <summary>Whether nothing more may be begun.</summary>
    public bool IsReached => Fault is not null || HasUnknownUsage || Reached() is not null;

    /// <summary>What a limit is set for and was not told.</summary>
    public BudgetKind? UnknownKind =>
        Used.HasUnknownTokens && Limits.Tokens is not null ? BudgetKind.Tokens
        : Used.HasUnknownCost && Limits.Cost is not null ? BudgetKind.Cost
        : null;

    /// <summary>The first limit that is used up; null where none is.</summary>
    public BudgetKind? Reached()
    {
        foreach (BudgetKind kind in s_kinds)
        {
            if (Limits.Of(kind) is decimal limit && Used.Of(kind) >= limit)
            {
                return kind;
            }
        }

        return null;
    }

    /// <summary>
    /// The first limit that a run has to be ended for. The last tool call that is allowed may still be carried out and answered; the one after
    /// it is broken off.
    /// </summary>
    public BudgetKind? Exceeded()
    {
        foreach (BudgetKind kind in s_kinds)
        {
            if (Limits.Of(kind) is decimal limit && (kind == BudgetKind.ToolUses ? Used.ToolUses > limit : Used.Of(kind) >= limit))
            {
                return kind;
            }
        }

        return null;
    }
}
