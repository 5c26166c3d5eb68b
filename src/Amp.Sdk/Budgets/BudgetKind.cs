namespace Amp.Budgets;

/// <summary>What a budget counts.</summary>
internal enum BudgetKind
{
    Tokens,
    Turns,
    ToolUses,
    Cost,
}
