namespace Amp.Budgets;

/// <summary>The limits of a budget and its usage at one moment.</summary>
/// <param name="Limits">The limits.</param>
/// <param name="Used">The usage.</param>
/// <param name="Fault">The reason why the budget can no longer be counted; null if it can.</param>
internal readonly record struct BudgetState(BudgetLimits Limits, BudgetCounts Used, string? Fault)
{
    private static readonly BudgetKind[] s_kinds = Enum.GetValues<BudgetKind>();

    /// <summary>Whether usage that has a limit was not reported.</summary>
    public bool HasUnknownUsage => UnknownKind is not null;

    /// <summary>Whether nothing more can start.</summary>
    public bool IsReached => Fault is not null || HasUnknownUsage || Reached() is not null;

    /// <summary>The kind of usage that has a limit and was not reported.</summary>
    public BudgetKind? UnknownKind =>
        Used.HasUnknownTokens && Limits.Tokens is not null ? BudgetKind.Tokens
        : Used.HasUnknownCost && Limits.Cost is not null ? BudgetKind.Cost
        : null;

    /// <summary>The first limit that is reached; null if there is none.</summary>
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
    /// The first limit for which a run must be stopped. The last allowed tool call still completes and gets its answer; the next one is
    /// stopped.
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
