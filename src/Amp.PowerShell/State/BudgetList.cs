namespace Amp.PowerShell.State;

/// <summary>The budgets that were made or opened in one runspace, in that order.</summary>
internal sealed class BudgetList
{
    private readonly List<AmpBudget> _budgets = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<AmpBudget> All
    {
        get
        {
            lock (_budgets)
            {
                return [.. _budgets];
            }
        }
    }

    /// <summary>Adds one; it takes the place of another that is kept in the same file.</summary>
    public void Add(AmpBudget budget)
    {
        lock (_budgets)
        {
            _budgets.RemoveAll(other => other.Path is string path && path == budget.Path);
            _budgets.Add(budget);
        }
    }
}
