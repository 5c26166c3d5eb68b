using Amp.Budgets;

namespace Amp.Options;

/// <summary>The limits of use in the options: those of the run or session, and those of its shared budget.</summary>
internal static class RunBudgets
{
    /// <summary>Creates the meter of a run; null if there are no limits.</summary>
    /// <param name="options">The options of the run.</param>
    /// <param name="warn">Called with warnings.</param>
    public static BudgetMeter? Meter(AmpOptions options, Action<string> warn)
    {
        AmpBudget? own = OfRun(options).OwnBudget;
        return own is null && options.Budget is null ? null : new BudgetMeter(own, options.Budget, options.AllowUnknownUsage, warn);
    }

    /// <summary>Gets the options of a session, whose limits apply to all its turns together.</summary>
    public static AmpOptions OfSession(AmpOptions options) => options with { OwnBudget = Own(options, "session") };

    /// <summary>Gets the options of a run, whose limits apply to all its tries together.</summary>
    public static AmpOptions OfRun(AmpOptions options) => options with { OwnBudget = options.OwnBudget ?? Own(options, "run") };

    /// <summary>Refuses to start if a limit is already reached.</summary>
    /// <exception cref="AmpBudgetException">A limit is already reached.</exception>
    /// <exception cref="AmpValidationException">The budget file cannot be used.</exception>
    public static void Refuse(AmpOptions options)
    {
        if (Refusal(options, threadId: null, "Nothing was started.") is AmpBudgetException reached)
        {
            throw reached;
        }
    }

    /// <summary>Gets the reason why nothing more can start; null if it can.</summary>
    /// <param name="options">The options of the run or session.</param>
    /// <param name="threadId">The thread that would continue; null if it is unknown.</param>
    /// <param name="consequence">What was not done.</param>
    /// <exception cref="AmpValidationException">The budget file cannot be used.</exception>
    public static AmpBudgetException? Refusal(AmpOptions options, string? threadId, string consequence) =>
        BudgetMeter.Refusal([options.OwnBudget, options.Budget], threadId, consequence);

    /// <summary>Returns whether there is a cost limit.</summary>
    public static bool LimitsCost(AmpOptions options) => options.CostLimit is not null || options.Budget?.CostLimit is not null;

    private static AmpBudget? Own(AmpOptions options, string subject)
    {
        BudgetLimits limits = new(options.TokenLimit, options.TurnLimit, options.ToolUseLimit, options.CostLimit);
        return limits.IsEmpty ? null : new AmpBudget(limits, subject);
    }
}
