namespace Amp.PowerShell.State;

/// <summary>The budgets that were created or opened in a runspace, in order.</summary>
internal sealed class BudgetList
{
    private readonly List<AmpBudget> _budgets = [];

    /// <summary>All budgets.</summary>
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

    /// <summary>Adds a budget. It replaces another one for the same file.</summary>
    public void Add(AmpBudget budget)
    {
        lock (_budgets)
        {
            _budgets.RemoveAll(other => other.Path is string path && path == budget.Path);
            _budgets.Add(budget);
        }
    }
}
