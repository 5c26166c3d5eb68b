namespace Amp.Budgets;

/// <summary>The usage. A count is never negative, and a sum does not overflow.</summary>
internal readonly record struct BudgetCounts(long Tokens, long Turns, long ToolUses, decimal Cost)
{
    /// <summary>Whether an answer did not report its tokens, so that more was used than is counted.</summary>
    public bool HasUnknownTokens { get; init; }

    /// <summary>Whether a run did not report its cost, so that more was used than is counted.</summary>
    public bool HasUnknownCost { get; init; }

    /// <summary>Gets the count of a kind.</summary>
    public decimal Of(BudgetKind kind) => kind switch
    {
        BudgetKind.Tokens => Tokens,
        BudgetKind.Turns => Turns,
        BudgetKind.ToolUses => ToolUses,
        _ => Cost,
    };

    /// <summary>Adds two usages.</summary>
    public BudgetCounts Plus(in BudgetCounts other) => new(
        Sum(Tokens, other.Tokens),
        Sum(Turns, other.Turns),
        Sum(ToolUses, other.ToolUses),
        Cost > decimal.MaxValue - other.Cost ? decimal.MaxValue : Cost + other.Cost)
    {
        HasUnknownTokens = HasUnknownTokens || other.HasUnknownTokens,
        HasUnknownCost = HasUnknownCost || other.HasUnknownCost,
    };

    private static long Sum(long one, long other) => one > long.MaxValue - other ? long.MaxValue : one + other;
}

/// <summary>The kinds of usage.</summary>
internal enum BudgetKind
{
    Tokens,
    Turns,
    ToolUses,
    Cost,
}
