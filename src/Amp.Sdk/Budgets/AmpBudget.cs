using Amp.Budgets;

namespace Amp;

/// <summary>
/// What runs may use together: tokens, turns, tool uses, cost. One budget may be given to any number of runs and sessions, on any threads; one
/// that is kept in a file is shared by several processes too.
/// </summary>
/// <remarks>
/// <para>An answer is counted when it has come. So at most one answer of each run that is under way when a limit is reached goes beyond it.</para>
/// <para>Tokens are those of all answers, of subagents too: input, output, and what was written to the model's cache and read from it. A turn is
/// one answer of the main agent, which is one request to the model. A tool use is a tool that the agent, or a subagent, calls.</para>
/// </remarks>
public sealed class AmpBudget
{
    private readonly object _lock = new();
    private readonly BudgetFile? _file;
    private BudgetLimits _limits;
    private BudgetCounts _used;
    private string? _fault;

    /// <summary>Makes a budget of this process.</summary>
    /// <param name="tokenLimit">How many tokens may be used; null for no limit.</param>
    /// <param name="turnLimit">How many turns may be taken; null for no limit.</param>
    /// <param name="toolUseLimit">How many tools may be called; null for no limit.</param>
    /// <param name="costLimit">How many US dollars may be spent; null for no limit. See <see cref="AmpOptions.CostLimit"/>.</param>
    /// <exception cref="AmpValidationException">There is no limit, or one is zero or less.</exception>
    public AmpBudget(long? tokenLimit = null, int? turnLimit = null, int? toolUseLimit = null, decimal? costLimit = null)
        : this(new BudgetLimits(tokenLimit, turnLimit, toolUseLimit, costLimit), subject: null)
    {
    }

    /// <summary>Makes the limits that one run or one session has for itself.</summary>
    internal AmpBudget(BudgetLimits limits, string? subject)
    {
        limits.Check();
        _limits = limits.IsEmpty ? throw NoLimit() : limits;
        Subject = subject;
    }

    private AmpBudget(BudgetFile file, BudgetContent content)
    {
        _file = file;
        (_limits, _used) = (content.Limits, content.Used);
    }

    /// <summary>
    /// Opens a budget that is kept in a file, or makes the file, for its owner alone. The counts of a file that is there go on.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="tokenLimit">How many tokens may be used; null for no limit. Where no limit is given at all, those of the file hold.</param>
    /// <param name="turnLimit">How many turns may be taken; null for no limit.</param>
    /// <param name="toolUseLimit">How many tools may be called; null for no limit.</param>
    /// <param name="costLimit">How many US dollars may be spent; null for no limit.</param>
    /// <param name="replacesLimits">Whether the limits take the place of others that the file has.</param>
    /// <exception cref="AmpValidationException">
    /// A limit is zero or less; the file is not there and no limit is given; it has other limits; or it is no budget of this user's.
    /// </exception>
    public static AmpBudget Open(
        string path, long? tokenLimit = null, int? turnLimit = null, int? toolUseLimit = null, decimal? costLimit = null, bool replacesLimits = false)
    {
        ArgumentNullException.ThrowIfNull(path);
        BudgetLimits limits = new(tokenLimit, turnLimit, toolUseLimit, costLimit);
        limits.Check();
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new AmpValidationException("The path of the budget is empty or has a NUL character.", nameof(Path), "Give the path of a file.");
        }

        BudgetFile file = new(System.IO.Path.GetFullPath(path));
        BudgetContent? found = file.Read();
        if (found is not null && (limits.IsEmpty || limits == found.Limits))
        {
            return new AmpBudget(file, found);
        }

        if (found is null && limits.IsEmpty)
        {
            throw new AmpValidationException(
                $"The budget file '{file.Path}' does not exist, and no limit is given.", nameof(Path), "Give at least one limit to create the file.", file.Path);
        }

        return new AmpBudget(file, file.Change(before => before is null ? new BudgetContent(limits, default)
            : limits == before.Limits ? before
            : replacesLimits ? before with { Limits = limits }
            : throw new AmpValidationException(
                $"The budget file '{file.Path}' has other limits: {before.Limits}, and not {limits}.",
                nameof(Path),
                "Give no limits to use those of the file, or replace them (-Force, replacesLimits).",
                file.Path)));
    }

    /// <summary>How many tokens may be used; null for no limit.</summary>
    public long? TokenLimit => Now().Limits.Tokens;

    /// <summary>How many tokens are used.</summary>
    public long TokensUsed => Now().Used.Tokens;

    /// <summary>How many tokens are left; null where they have no limit.</summary>
    public long? TokensLeft => Now() is { Limits.Tokens: long limit } state ? Math.Max(0, limit - state.Used.Tokens) : null;

    /// <summary>How many turns may be taken; null for no limit.</summary>
    public int? TurnLimit => Now().Limits.Turns;

    /// <summary>How many turns are taken.</summary>
    public int TurnsUsed => (int)Math.Min(int.MaxValue, Now().Used.Turns);

    /// <summary>How many turns are left; null where they have no limit.</summary>
    public int? TurnsLeft => Now() is { Limits.Turns: int limit } state ? (int)Math.Max(0, limit - state.Used.Turns) : null;

    /// <summary>How many tools may be called; null for no limit.</summary>
    public int? ToolUseLimit => Now().Limits.ToolUses;

    /// <summary>How many tools were called.</summary>
    public int ToolUsesUsed => (int)Math.Min(int.MaxValue, Now().Used.ToolUses);

    /// <summary>How many tools may still be called; null where they have no limit.</summary>
    public int? ToolUsesLeft => Now() is { Limits.ToolUses: int limit } state ? (int)Math.Max(0, limit - state.Used.ToolUses) : null;

    /// <summary>How many US dollars may be spent; null for no limit.</summary>
    public decimal? CostLimit => Now().Limits.Cost;

    /// <summary>How many US dollars are spent, as far as results have told.</summary>
    public decimal CostUsed => Now().Used.Cost;

    /// <summary>How many US dollars are left; null where they have no limit.</summary>
    public decimal? CostLeft => Now() is { Limits.Cost: decimal limit } state ? Math.Max(0, limit - state.Used.Cost) : null;

    /// <summary>Whether a run did not tell what a limit is set for; the budget then counts as reached.</summary>
    public bool HasUnknownUsage => Now().HasUnknownUsage;

    /// <summary>
    /// Whether a limit is reached, so that no run with this budget is started any more. It is, too, where usage is unknown and where the
    /// budget's file cannot be used.
    /// </summary>
    public bool IsReached => Now().IsReached;

    /// <summary>The file that the budget is kept in; null for one of this process.</summary>
    public string? Path => _file?.Path;

    /// <summary>Begins to count at zero again, in the file too. Runs that are under way go on to count from there.</summary>
    /// <exception cref="AmpValidationException">The budget's file cannot be used.</exception>
    public void Reset()
    {
        lock (_lock)
        {
            Take(_file?.Change(before => (before ?? throw _file.Gone()) with { Used = default }) ?? new BudgetContent(_limits, default));
        }
    }

    /// <summary>What is used of what: <c>1,050 of 10,000 tokens, 3 of 5 turns</c>.</summary>
    public override string ToString()
    {
        BudgetState state = Now();
        return string.Join(
            ", ",
            Enum.GetValues<BudgetKind>().Where(kind => state.Limits.Of(kind) is not null).Select(kind =>
                $"{BudgetWords.Number(state.Used.Of(kind))} of {BudgetWords.Amount(kind, state.Limits.Of(kind)!.Value)}"));
    }

    /// <summary>What has these limits for itself, in a word; null for a budget that others may use too.</summary>
    internal string? Subject { get; }

    /// <summary>What was counted here last.</summary>
    internal BudgetState State
    {
        get
        {
            lock (_lock)
            {
                return new BudgetState(_limits, _used, _fault);
            }
        }
    }

    /// <summary>Takes note of what other processes have used.</summary>
    /// <exception cref="AmpValidationException">The budget's file cannot be used.</exception>
    internal void Refresh()
    {
        lock (_lock)
        {
            if (_file is not null)
            {
                Take(_file.Read() ?? throw _file.Gone());
            }
        }
    }

    /// <summary>Counts what was used, and gives what is used altogether.</summary>
    internal BudgetState Add(BudgetCounts used)
    {
        lock (_lock)
        {
            used = used with
            {
                HasUnknownTokens = used.HasUnknownTokens && _limits.Tokens is not null,
                HasUnknownCost = used.HasUnknownCost && _limits.Cost is not null,
            };
            try
            {
                Take(_file?.Change(before => Plus(before ?? throw _file.Gone(), used))
                    ?? new BudgetContent(_limits, _used.Plus(used)));
            }
            catch (AmpException exception)
            {
                // A run is under way: it is to be ended, and not to fail here.
                _fault = exception.Message;
                _used = _used.Plus(used);
            }

            return new BudgetState(_limits, _used, _fault);
        }
    }

    private BudgetState Now()
    {
        try
        {
            Refresh();
        }
        catch (AmpValidationException exception)
        {
            lock (_lock)
            {
                _fault = exception.Message;
            }
        }

        return State;
    }

    private void Take(BudgetContent content)
    {
        (_limits, _used) = (content.Limits, content.Used);
        _fault = null;
    }

    private static BudgetContent Plus(BudgetContent before, in BudgetCounts used) => before with { Used = before.Used.Plus(used) };

    private static AmpValidationException NoLimit() => new(
        "The budget has no limit.", nameof(TokenLimit), "Give at least one: of tokens, turns, tool uses or cost.");
}
