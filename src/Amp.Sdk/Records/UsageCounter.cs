using Amp.Messages;

namespace Amp.Records;

/// <summary>
/// Adds up the usage of runs from their messages, their results, or both. It keeps counts of the active runs and of the groups, and no message.
/// </summary>
internal sealed class UsageCounter
{
    private readonly HashSet<UsageProperty> _properties;
    private readonly Dictionary<object, OpenRun> _open = [];
    private readonly Dictionary<UsageTotal, UsageTotal> _totals = [];
    private readonly List<UsageTotal> _order = [];

    public UsageCounter(IEnumerable<UsageProperty> properties) => _properties = [.. properties];

    /// <summary>Counts a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="origin">What is known of its run in addition.</param>
    public void Add(StreamMessage message, UsageOrigin origin)
    {
        object key = origin.RunKey ?? (message.Source is TranscriptRun { Id.Length: > 0 } known ? known.Id : message.SessionId ?? string.Empty);
        if (_open.TryGetValue(key, out OpenRun? run) && run.Recorded is { Id.Length: 0 } recorded && !ReferenceEquals(recorded, message.Source))
        {
            // Plain output has no run IDs: a run that was killed and the next one can have the same thread.
            Fold(run, outcome: null);
            _open.Remove(key);
            run = null;
        }

        DateTime? day = _properties.Contains(UsageProperty.Day) ? message.Time?.LocalDateTime.Date : null;
        if (run is null)
        {
            if (!Begins(message))
            {
                return;
            }

            run = new OpenRun(message.Source as TranscriptRun, origin, day);
            _open.Add(key, run);
        }

        run.ThreadId ??= message.SessionId;
        if (message is UserMessage { ParentToolUseId: null } asked)
        {
            NotePrompt(run, asked);
        }
        else if (message is AssistantMessage said)
        {
            string? model = _properties.Contains(UsageProperty.Model) ? said.Model : null;
            StepCount step = run.Steps.Add(said);
            run.Part(model, day).Add(step.Usage, step.IsTurn ? 1 : 0, step.ToolUses);
            run.HasMessages = true;
        }
        else if (message is ResultMessage result)
        {
            Close(run, result, day, origin);
            _open.Remove(key);
        }
    }

    /// <summary>Counts what is left, and gets the groups in the order in which they were found.</summary>
    public IReadOnlyList<UsageTotal> Complete()
    {
        foreach (OpenRun run in _open.Values)
        {
            Fold(run, outcome: null);
        }

        _open.Clear();
        return [.. _order.Select(key => _totals[key])];
    }

    // A run can fail before its first answer. What is left after a result, such as that of a tool, is not another run.
    private static bool Begins(StreamMessage message) =>
        message is AssistantMessage or ResultMessage or SystemMessage { Subtype: "init" } or UserMessage { ToolResult.Count: 0 };

    // The content is read only if it is required, and the prompt is in the first message without tool results.
    private void NotePrompt(OpenRun run, UserMessage asked)
    {
        if (run.Prompt is null && _properties.Contains(UsageProperty.Prompt) && asked is { ToolResult.Count: 0, Text: { Length: > 0 } text })
        {
            run.Prompt = text;
        }
    }

    private void Close(OpenRun run, ResultMessage result, DateTime? day, UsageOrigin origin)
    {
        // The same rule as for limits of use: what the messages have not reported.
        StepUsage ofLine = result.Usage?.ToStep() ?? default;
        StepUsage told = ofLine.Plus((origin.Usage ?? default).Beyond(ofLine));
        StepUsage rest = told.Beyond(run.Steps.Usage);
        Part part = run.LastPart ?? run.Part(null, day);
        part.Add(rest, run.HasMessages ? 0 : Math.Max(0, origin.Turns ?? result.NumTurns), run.HasMessages ? 0 : origin.ToolUses ?? result.ToolUseCount);
        run.Parts.Values.First().Duration += result.Duration;
        part.Cost = result.Cost is decimal cost ? (part.Cost ?? 0) + cost : part.Cost;
        Fold(run, origin.Outcome ?? result.Outcome);
    }

    private void Fold(OpenRun run, ResultOutcome? outcome)
    {
        if (run.Parts.Count == 0)
        {
            // It ended before its first answer.
            run.Part(null, run.FirstDay);
        }

        HashSet<UsageTotal> counted = [];
        foreach (((string? model, DateTime? day), Part part) in run.Parts.Select(pair => (pair.Key, pair.Value)))
        {
            UsageTotal key = new()
            {
                ThreadId = Of(UsageProperty.Thread, run.ThreadId),
                Model = model,
                Day = day,
                Prompt = Of(UsageProperty.Prompt, run.Prompt),
                Outcome = _properties.Contains(UsageProperty.Outcome) ? outcome : null,
                HostName = Of(UsageProperty.Host, run.Origin.HostName ?? run.Recorded?.AgentHost ?? run.Recorded?.HostName ?? Environment.MachineName),
            };
            if (!_totals.TryGetValue(key, out UsageTotal? total))
            {
                _order.Add(key);
                total = key;
            }

            _totals[key] = part.AddTo(total, runs: counted.Add(key) ? 1 : 0);
        }
    }

    private string? Of(UsageProperty property, string? value) => _properties.Contains(property) ? value : null;

    private sealed class OpenRun(TranscriptRun? recorded, UsageOrigin origin, DateTime? firstDay)
    {
        public TranscriptRun? Recorded { get; } = recorded;

        public UsageOrigin Origin { get; } = origin;

        public DateTime? FirstDay { get; } = firstDay;

        public StepCounter Steps { get; } = new();

        public Dictionary<(string? Model, DateTime? Day), Part> Parts { get; } = [];

        public Part? LastPart { get; private set; }

        public string? ThreadId { get; set; }

        public string? Prompt { get; set; } = origin.Prompt ?? recorded?.Prompt;

        public bool HasMessages { get; set; }

        public Part Part(string? model, DateTime? day)
        {
            if (!Parts.TryGetValue((model, day), out Part? part))
            {
                part = new Part();
                Parts.Add((model, day), part);
            }

            return LastPart = part;
        }
    }

    // The part of a run that belongs to one group.
    private sealed class Part
    {
        private StepUsage _usage;
        private long _turns;
        private long _toolUses;

        public TimeSpan Duration { get; set; }

        public decimal? Cost { get; set; }

        public void Add(in StepUsage usage, int turns, int toolUses)
        {
            _usage = _usage.Plus(usage);
            _turns += turns;
            _toolUses += toolUses;
        }

        public UsageTotal AddTo(UsageTotal total, int runs) => total with
        {
            Runs = total.Runs + runs,
            Turns = total.Turns + _turns,
            InputTokens = total.InputTokens + _usage.Input,
            OutputTokens = total.OutputTokens + _usage.Output,
            CacheCreationInputTokens = total.CacheCreationInputTokens + _usage.CacheCreation,
            CacheReadInputTokens = total.CacheReadInputTokens + _usage.CacheRead,
            TotalTokens = total.TotalTokens + _usage.Total,
            ToolUses = total.ToolUses + _toolUses,
            Duration = total.Duration + Duration,
            Cost = Cost is decimal cost ? (total.Cost ?? 0) + cost : total.Cost,
        };
    }
}

/// <summary>What is known of the run of a message that the message itself does not contain.</summary>
internal sealed record UsageOrigin
{
    public static readonly UsageOrigin Unknown = new();

    /// <summary>What tells the run from others that are read at the same time; null if its thread does.</summary>
    public object? RunKey { get; init; }

    public string? Prompt { get; init; }

    public string? HostName { get; init; }

    /// <summary>The usage of a restored result, whose line has at most that of its last try.</summary>
    public StepUsage? Usage { get; init; }

    public int? Turns { get; init; }

    public int? ToolUses { get; init; }

    public ResultOutcome? Outcome { get; init; }
}
