using System.Globalization;

namespace Amp.Budgets;

/// <summary>The texts about budgets in warnings and errors.</summary>
internal static class BudgetWords
{
    /// <summary>The option that sets the limit.</summary>
    public static string OptionName(BudgetKind kind) => kind switch
    {
        BudgetKind.Tokens => AmpOptionName.TokenLimit,
        BudgetKind.Turns => AmpOptionName.TurnLimit,
        BudgetKind.ToolUses => AmpOptionName.ToolUseLimit,
        _ => AmpOptionName.CostLimit,
    };

    /// <summary>Formats a number: <c>1,050</c>.</summary>
    public static string Number(decimal number) => number.ToString("#,##0.##########", CultureInfo.InvariantCulture);

    /// <summary>Formats an amount: <c>1,050 tokens</c>, <c>$5.25</c>.</summary>
    public static string Amount(BudgetKind kind, decimal number) => kind switch
    {
        BudgetKind.Tokens => $"{Number(number)} {(number == 1 ? "token" : "tokens")}",
        BudgetKind.Turns => $"{Number(number)} {(number == 1 ? "turn" : "turns")}",
        BudgetKind.ToolUses => $"{Number(number)} {(number == 1 ? "tool use" : "tool uses")}",
        _ => Dollars(number),
    };

    /// <summary>The text for a limit that is reached.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="kind">The kind of the limit.</param>
    /// <param name="state">The usage.</param>
    public static string Reached(AmpBudget budget, BudgetKind kind, in BudgetState state) => budget.Subject is string subject
        ? $"The {Limit(kind, state)} is reached: the {subject} has used {Amount(kind, state.Used.Of(kind))}."
        : $"The {Limit(kind, state)} of {Name(budget)} is reached: {Amount(kind, state.Used.Of(kind))} used.";

    /// <summary>The text for a limit that is almost reached.</summary>
    /// <inheritdoc cref="Reached"/>
    public static string Near(AmpBudget budget, BudgetKind kind, in BudgetState state)
    {
        decimal limit = state.Limits.Of(kind)!.Value;
        decimal used = state.Used.Of(kind);
        string share = $"{Math.Floor(used / limit * 100).ToString(CultureInfo.InvariantCulture)} %";
        string amounts = kind == BudgetKind.Cost ? $"{Dollars(used)} of {Dollars(limit)}" : $"{Number(used)} of {Number(limit)}";
        return budget.Subject is string subject
            ? $"The {subject} has used {share} of its {Word(kind)} limit: {amounts}."
            : $"{share} of the {Word(kind)} limit of {Name(budget)} is used: {amounts}.";
    }

    /// <summary>The text for unreported usage that has a limit.</summary>
    /// <inheritdoc cref="Reached"/>
    public static string Unknown(BudgetKind kind, in BudgetState state) =>
        $"The Amp CLI did not report {(kind == BudgetKind.Cost ? "the cost of a run" : "the tokens of an answer")}, so the {Limit(kind, state)} "
            + "counts as reached.";

    /// <summary>The text for a budget that can no longer be counted.</summary>
    public static string Faulty(string fault) => $"The budget can no longer be counted, so it counts as reached. {fault}";

    private static string Limit(BudgetKind kind, in BudgetState state)
    {
        decimal limit = state.Limits.Of(kind)!.Value;
        return $"{Word(kind)} limit of {(kind == BudgetKind.Cost ? Dollars(limit) : Number(limit))}";
    }

    private static string Word(BudgetKind kind) => kind switch
    {
        BudgetKind.Tokens => "token",
        BudgetKind.Turns => "turn",
        BudgetKind.ToolUses => "tool use",
        _ => "cost",
    };

    private static string Name(AmpBudget budget) => budget.Path is string path ? $"the budget '{path}'" : "the budget";

    private static string Dollars(decimal amount) => "$" + amount.ToString("#,##0.00########", CultureInfo.InvariantCulture);
}
