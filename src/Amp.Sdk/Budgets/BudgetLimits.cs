namespace Amp.Budgets;

/// <summary>The limits; null for no limit.</summary>
internal readonly record struct BudgetLimits(long? Tokens, int? Turns, int? ToolUses, decimal? Cost)
{
    /// <summary>Whether there are no limits.</summary>
    public bool IsEmpty => this is { Tokens: null, Turns: null, ToolUses: null, Cost: null };

    /// <summary>Gets the limit of a kind; null for no limit.</summary>
    public decimal? Of(BudgetKind kind) => kind switch
    {
        BudgetKind.Tokens => Tokens,
        BudgetKind.Turns => Turns,
        BudgetKind.ToolUses => ToolUses,
        _ => Cost,
    };

    /// <summary>Refuses limits that allow nothing.</summary>
    /// <exception cref="AmpValidationException">A limit is zero or less.</exception>
    public void Check()
    {
        if (IsEmpty)
        {
            return;
        }

        foreach (BudgetKind kind in Enum.GetValues<BudgetKind>())
        {
            if (Of(kind) is decimal limit && limit <= 0)
            {
                throw new AmpValidationException(
                    $"{BudgetWords.OptionName(kind)} is {BudgetWords.Number(limit)}.",
                    BudgetWords.OptionName(kind),
                    "Give a number above 0, or none for no limit.",
                    limit);
            }
        }
    }

    /// <summary>Returns the limits in words: <c>10,000 tokens, 5 turns</c>.</summary>
    public override string ToString()
    {
        BudgetLimits limits = this;
        return string.Join(
            ", ",
            Enum.GetValues<BudgetKind>().Where(kind => limits.Of(kind) is not null).Select(kind => BudgetWords.Amount(kind, limits.Of(kind)!.Value)));
    }
}
