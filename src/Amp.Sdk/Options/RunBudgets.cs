using Amp.Budgets;

namespace Amp.Options;

/// <summary>The limits of use that options come to: those of the run or session itself, and those of the budget that it shares.</summary>
internal static class RunBudgets
{
    /// <summary>What counts a run; null where nothing is limited.</summary>
    /// <param name="options">The options of the run.</param>
    /// <param name="warn">Takes warnings.</param>
    public static BudgetMeter? Meter(AmpOptions options, Action<string> warn)
    {
        AmpBudget? own = OfRun(options).OwnBudget;
        return own is null && options.Budget is null ? null : new BudgetMeter(own, options.Budget, options.AllowUnknownUsage, warn);
    }

    /// <summary>The options of a session, whose limits are those of all its turns together.</summary>
    public static AmpOptions OfSession(AmpOptions options) => options with { OwnBudget = Own(options, "session") };

    /// <summary>The options of a run, whose limits are those of all its tries together.</summary>
    public static AmpOptions OfRun(AmpOptions options) => options with { OwnBudget = options.OwnBudget ?? Own(options, "run") };

    /// <summary>Refuses what would begin with a limit that is reached already.</summary>
    /// <exception cref="AmpBudgetException">It is.</exception>
    /// <exception cref="AmpValidationException">The budget's file cannot be used.</exception>
    public static void Refuse(AmpOptions options)
    {
        if (Refusal(options, threadId: null, "Nothing was started.") is AmpBudgetException reached)
        {
            throw reached;
        }
    }

    /// <summary>Why nothing more may be begun; null where it may.</summary>
    /// <param name="options">The options of the run or session.</param>
    /// <param name="threadId">The thread that would go on; null where none is known.</param>
    /// <param name="consequence">What was not done.</param>
    /// <exception cref="AmpValidationException">The budget's file cannot be used.</exception>
    public static AmpBudgetException? Refusal(AmpOptions options, string? threadId, string consequence) =>
        BudgetMeter.Refusal([options.OwnBudget, options.Budget], threadId, consequence);

    /// <summary>Whether a cost is limited.</summary>
    public static bool LimitsCost(AmpOptions options) => options.CostLimit is not null || options.Budget?.CostLimit is not null;

    private static AmpBudget? Own(AmpOptions options, string subject)
    {
        BudgetLimits limits = new(options.TokenLimit, options.TurnLimit, options.ToolUseLimit, options.CostLimit);
        return limits.IsEmpty ? null : new AmpBudget(limits, subject);
    }
}
