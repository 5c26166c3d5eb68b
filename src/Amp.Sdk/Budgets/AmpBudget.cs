using Amp.Budgets;

namespace Amp;

/// <summary>
/// The tokens, turns, tool uses and cost that runs can use together. Any number of runs and sessions can share a budget, on any thread. If
/// it is kept in a file, several processes can share it too.
/// </summary>
/// <remarks>
/// <para>
/// An answer is counted when it arrives. Therefore, each active run can exceed a limit by at most one answer.
/// </para>
/// <para>
/// Tokens are those of all answers, including subagents: input, output, and cache reads and writes. A turn is one answer of the main agent,
/// which is one request to the model. A tool use is a tool call by the agent or a subagent.
/// </para>
/// </remarks>
public sealed class AmpBudget
{
    private readonly object _lock = new();
    private readonly BudgetFile? _file;
    private BudgetLimits _limits;
    private BudgetCounts _used;
    private BudgetCounts _unwritten;
    private string? _fault;

    /// <summary>Creates a budget for this process.</summary>
    /// <param name="tokenLimit">The maximum number of tokens; null for no limit.</param>
    /// <param name="turnLimit">The maximum number of turns; null for no limit.</param>
    /// <param name="toolUseLimit">The maximum number of tool calls; null for no limit.</param>
    /// <param name="costLimit">The maximum cost in US dollars; null for no limit. See <see cref="AmpOptions.CostLimit"/>.</param>
    /// <exception cref="AmpValidationException">No limit is given, or a limit is zero or less.</exception>
    public AmpBudget(long? tokenLimit = null, int? turnLimit = null, int? toolUseLimit = null, decimal? costLimit = null)
        : this(new BudgetLimits(tokenLimit, turnLimit, toolUseLimit, costLimit), subject: null)
    {
    }

    /// <summary>Creates the limits of a single run or session.</summary>
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
    /// Opens a budget in a file, or creates the file with access only for its owner. The counts in an existing file are kept.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="tokenLimit">The maximum number of tokens; null for no limit. If no limit is given at all, those in the file
    /// apply.</param>
    /// <param name="turnLimit">The maximum number of turns; null for no limit.</param>
    /// <param name="toolUseLimit">The maximum number of tool calls; null for no limit.</param>
    /// <param name="costLimit">The maximum cost in US dollars; null for no limit.</param>
    /// <param name="replacesLimits">Whether the limits replace other limits in the file.</param>
    /// <exception cref="AmpValidationException">A limit is zero or less; the file does not exist and no limit is given; the file has other
    /// limits; or it is not a valid budget of this user.</exception>
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
                $"The budget file '{file.Path}' has different limits: {before.Limits}, not {limits}.",
                nameof(Path),
                "Omit the limits to use those in the file, or replace them (replacesLimits).",
                file.Path)));
    }

    /// <summary>The maximum number of tokens; null for no limit.</summary>
    public long? TokenLimit => Now().Limits.Tokens;

    /// <summary>The number of used tokens.</summary>
    public long TokensUsed => Now().Used.Tokens;

    /// <summary>The number of remaining tokens; null for no limit.</summary>
    public long? TokensLeft => Now() is { Limits.Tokens: long limit } state ? Math.Max(0, limit - state.Used.Tokens) : null;

    /// <summary>The maximum number of turns; null for no limit.</summary>
    public int? TurnLimit => Now().Limits.Turns;

    /// <summary>The number of used turns.</summary>
    public int TurnsUsed => (int)Math.Min(int.MaxValue, Now().Used.Turns);

    /// <summary>The number of remaining turns; null for no limit.</summary>
    public int? TurnsLeft => Now() is { Limits.Turns: int limit } state ? (int)Math.Max(0, limit - state.Used.Turns) : null;

    /// <summary>The maximum number of tool calls; null for no limit.</summary>
    public int? ToolUseLimit => Now().Limits.ToolUses;

    /// <summary>The number of tool calls.</summary>
    public int ToolUsesUsed => (int)Math.Min(int.MaxValue, Now().Used.ToolUses);

    /// <summary>The number of remaining tool calls; null for no limit.</summary>
    public int? ToolUsesLeft => Now() is { Limits.ToolUses: int limit } state ? (int)Math.Max(0, limit - state.Used.ToolUses) : null;

    /// <summary>The maximum cost in US dollars; null for no limit.</summary>
    public decimal? CostLimit => Now().Limits.Cost;

    /// <summary>The cost in US dollars, as reported by results.</summary>
    public decimal CostUsed => Now().Used.Cost;

    /// <summary>The remaining cost in US dollars; null for no limit.</summary>
    public decimal? CostLeft => Now() is { Limits.Cost: decimal limit } state ? Math.Max(0, limit - state.Used.Cost) : null;

    /// <summary>Whether a run did not report usage that has a limit. The budget then counts as reached.</summary>
    public bool HasUnknownUsage => Now().HasUnknownUsage;

    /// <summary>
    /// Whether a limit is reached, so that no further run with this budget starts. Also true if usage is unknown or the budget file cannot
    /// be used.
    /// </summary>
    public bool IsReached => Now().IsReached;

    /// <summary>The budget file; null for a budget in memory.</summary>
    public string? Path => _file?.Path;

    /// <summary>Resets the counts to zero, also in the file. Active runs continue from there.</summary>
    /// <exception cref="AmpValidationException">The budget file cannot be used.</exception>
    public void Reset()
    {
        lock (_lock)
        {
            Take(_file?.Change(before => (before ?? throw _file.Gone()) with { Used = default }) ?? new BudgetContent(_limits, default));
            _unwritten = default;
        }
    }

    /// <summary>Returns the used and maximum amounts: <c>1,050 of 10,000 tokens, 3 of 5 turns</c>.</summary>
    public override string ToString()
    {
        BudgetState state = Now();
        return string.Join(
            ", ",
            Enum.GetValues<BudgetKind>().Where(kind => state.Limits.Of(kind) is not null).Select(kind =>
                $"{BudgetWords.Number(state.Used.Of(kind))} of {BudgetWords.Amount(kind, state.Limits.Of(kind)!.Value)}"));
    }

    /// <summary>The single owner of these limits, in a word; null for a budget that can be shared.</summary>
    internal string? Subject { get; }

    /// <summary>The last known state.</summary>
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

    /// <summary>Reads the usage of other processes, and writes what could not be written before.</summary>
    /// <exception cref="AmpValidationException">The budget file cannot be used.</exception>
    internal void Refresh()
    {
        lock (_lock)
        {
            if (_file is not null)
            {
                // A file that can only be read would count less than was used.
                Take(_unwritten == default
                    ? _file.Read() ?? throw _file.Gone()
                    : _file.Change(before => Plus(before ?? throw _file.Gone(), _unwritten)));
                _unwritten = default;
            }
        }
    }

    /// <summary>Adds usage, and returns the total.</summary>
    internal BudgetState Add(BudgetCounts used)
    {
        lock (_lock)
        {
            used = used with
            {
                HasUnknownTokens = used.HasUnknownTokens && _limits.Tokens is not null,
                HasUnknownCost = used.HasUnknownCost && _limits.Cost is not null,
            };
            BudgetCounts all = _unwritten.Plus(used);
            try
            {
                Take(_file?.Change(before => Plus(before ?? throw _file.Gone(), all))
                    ?? new BudgetContent(_limits, _used.Plus(used)));
                _unwritten = default;
            }
            catch (AmpException exception)
            {
                // A run is active: it must be stopped, and must not fail here.
                _fault = exception.Message;
                _used = _used.Plus(used);
                _unwritten = all;
            }

            return new BudgetState(_limits, _used, _fault);
        }
    }

    // Only reads: what shows a budget asks for each of its properties, and to write a file can take long.
    private BudgetState Now()
    {
        lock (_lock)
        {
            try
            {
                string? fault = _unwritten == default ? null : _fault;
                if (_file is not null)
                {
                    Take(_file.Read() ?? throw _file.Gone());
                    _used = _used.Plus(_unwritten);
                    _fault = fault;
                }
            }
            catch (AmpValidationException exception)
            {
                _fault = exception.Message;
            }

            return new BudgetState(_limits, _used, _fault);
        }
    }

    private void Take(BudgetContent content)
    {
        (_limits, _used) = (content.Limits, content.Used);
        _fault = null;
    }

    private static BudgetContent Plus(BudgetContent before, in BudgetCounts used) => before with { Used = before.Used.Plus(used) };

    private static AmpValidationException NoLimit() => new(
        "The budget has no limit.", nameof(TokenLimit), "Give at least one limit: of tokens, turns, tool uses or cost.");
}
