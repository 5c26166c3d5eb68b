using Amp.Messages;

namespace Amp.Budgets;

/// <summary>
/// Counts the usage of a run for its own limits and its shared budget, warns before a limit is reached, and reports when one is reached.
/// </summary>
internal sealed class BudgetMeter
{
    // The share of a limit that triggers a warning.
    private const decimal WarnedShare = 0.8m;

    private static readonly BudgetKind[] s_kinds = Enum.GetValues<BudgetKind>();

    private readonly List<Account> _accounts = [];
    private readonly bool _allowsUnknown;
    private readonly Action<string> _warn;
    private string? _breach;
    private Account? _breached;
    private long _tokens;
    private bool _hasAnswered;

    /// <param name="own">The limits of the run or of its session; null for none.</param>
    /// <param name="shared">The shared budget; null for none.</param>
    /// <param name="allowsUnknown">Whether a run continues if its usage is not reported.</param>
    /// <param name="warn">Called with warnings.</param>
    public BudgetMeter(AmpBudget? own, AmpBudget? shared, bool allowsUnknown, Action<string> warn)
    {
        foreach (AmpBudget budget in new[] { own, shared }.OfType<AmpBudget>())
        {
            _accounts.Add(new Account(budget));
        }

        _allowsUnknown = allowsUnknown;
        _warn = warn;
    }

    /// <summary>Gets the reason why nothing more can start; null if it can.</summary>
    /// <param name="budgets">The budgets; null items are ignored.</param>
    /// <param name="threadId">The thread that would continue; null if it is unknown.</param>
    /// <param name="consequence">What was not done.</param>
    /// <exception cref="AmpValidationException">A budget file cannot be used.</exception>
    public static AmpBudgetException? Refusal(IEnumerable<AmpBudget?> budgets, string? threadId, string consequence)
    {
        foreach (AmpBudget budget in budgets.OfType<AmpBudget>())
        {
            budget.Refresh();
            BudgetState state = budget.State;
            if (Breach(budget, state, state.Reached()) is string breach)
            {
                return ExceptionOf(budget, state, $"{breach} {consequence}", threadId);
            }
        }

        return null;
    }

    /// <summary>Gets the same for the budgets of this run.</summary>
    /// <inheritdoc cref="Refusal(IEnumerable{AmpBudget}, string, string)"/>
    public AmpBudgetException? Refusal(string? threadId, string consequence) =>
        Refusal(_accounts.Select(account => account.Budget), threadId, consequence);

    /// <summary>Counts a message of the agent.</summary>
    /// <param name="message">The message.</param>
    /// <param name="step">The usage of the message.</param>
    /// <returns>Whether the run must be stopped.</returns>
    public bool Note(AssistantMessage message, in StepCount step)
    {
        _hasAnswered = true;
        _tokens += Math.Min(step.Tokens, long.MaxValue - _tokens);
        Count(
            new BudgetCounts(step.Tokens, step.IsTurn ? 1 : 0, step.ToolUses, 0) { HasUnknownTokens = !step.IsTold && !_allowsUnknown },
            isFinished: message.EndsTurn);
        return _breach is not null;
    }

    /// <summary>Counts usage that only the result reports.</summary>
    /// <returns>Whether the run must be stopped.</returns>
    public bool NoteResult(ResultLine result)
    {
        bool wasBroken = _breach is not null;
        Count(RestOf(result), isFinished: true);
        if (wasBroken && !result.IsError)
        {
            _warn(_breach!);
        }

        return _breach is not null;
    }

    /// <summary>Creates the exception for a stopped run.</summary>
    public AmpBudgetException ToException(string? threadId) => ExceptionOf(_breached!.Budget, _breached.Budget.State, _breach!, threadId);

    private void Count(in BudgetCounts used, bool isFinished)
    {
        foreach (Account account in _accounts)
        {
            BudgetState state = account.Budget.Add(used);
            string? breach = Breach(account.Budget, state, isFinished ? state.Reached() : state.Exceeded());
            if (breach is not null && !isFinished)
            {
                _breached ??= account;
                _breach ??= breach;
            }
            else if (_breach is not null)
            {
                // The error contains more than a warning would.
            }
            else if (breach is not null)
            {
                WarnOnce(account, account.IsReachedSaid, breach);
                account.IsReachedSaid = true;
            }
            else
            {
                WarnWhereNear(account, state);
            }
        }
    }

    private void WarnWhereNear(Account account, in BudgetState state)
    {
        foreach (BudgetKind kind in s_kinds)
        {
            if (state.Limits.Of(kind) is decimal limit && state.Used.Of(kind) >= limit * WarnedShare)
            {
                WarnOnce(account, account.NearSaid[(int)kind], BudgetWords.Near(account.Budget, kind, state));
                account.NearSaid[(int)kind] = true;
            }
        }
    }

    private void WarnOnce(Account account, bool isSaid, string text)
    {
        if (!isSaid && !account.IsReachedSaid)
        {
            _warn(text);
        }
    }

    // Usage that the messages have not reported: some CLIs of early 2026 omit the messages of a run with a long prompt, and only a result
    // can report a cost.
    private BudgetCounts RestOf(ResultLine result)
    {
        long tokens = 0;
        bool isUnknown = false;
        if (_accounts.Exists(account => account.Budget.State.Limits.Tokens is not null))
        {
            // Each try is counted with its own meter.
            long told = result.OwnUsage?.ToStep().Total ?? 0;
            tokens = Math.Max(0, told - _tokens);
            isUnknown = !_hasAnswered && told == 0 && !string.IsNullOrEmpty(result.Body.Result);
        }

        bool limitsCost = _accounts.Exists(account => account.Budget.State.Limits.Cost is not null);
        decimal? cost = limitsCost ? result.OwnCost : null;
        return new BudgetCounts(tokens, 0, 0, cost ?? 0)
        {
            HasUnknownTokens = isUnknown && !_allowsUnknown,
            HasUnknownCost = limitsCost && cost is null && !_allowsUnknown,
        };
    }

    private static string? Breach(AmpBudget budget, in BudgetState state, BudgetKind? kind) =>
        state.Fault is string fault ? BudgetWords.Faulty(fault)
        : kind is BudgetKind used ? BudgetWords.Reached(budget, used, state)
        : state.UnknownKind is BudgetKind unknown ? BudgetWords.Unknown(unknown, state)
        : null;

    private static AmpBudgetException ExceptionOf(AmpBudget budget, in BudgetState state, string message, string? threadId)
    {
        BudgetKind? kind = state.Reached();
        bool isUnknown = kind is null && state.Fault is null;
        string change = isUnknown ? "and allow unknown usage (AmpOptions.AllowUnknownUsage)"
            : budget.Subject is not null ? "with a larger limit"
            : "with another budget, or reset this one";
        return new AmpBudgetException(
            message,
            threadId is not null ? $"Continue thread {threadId} {change}."
                : isUnknown ? "Run it again and allow unknown usage (AmpOptions.AllowUnknownUsage)."
                : budget.Subject is not null ? "Give a larger limit."
                : "Give another budget, or reset this one.")
        {
            ThreadId = threadId,
            LimitName = kind is BudgetKind reached ? BudgetWords.OptionName(reached) : null,
            Limit = kind is BudgetKind limited ? state.Limits.Of(limited) : null,
            Used = kind is BudgetKind counted ? state.Used.Of(counted) : null,
        };
    }

    private sealed class Account
    {
        public Account(AmpBudget budget) => Budget = budget;

        public AmpBudget Budget { get; }

        public bool[] NearSaid { get; } = new bool[s_kinds.Length];

        public bool IsReachedSaid { get; set; }
    }
}
