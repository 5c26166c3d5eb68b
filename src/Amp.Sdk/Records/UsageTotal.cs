namespace Amp;

/// <summary>The properties by which the usage of runs can be grouped.</summary>
public enum UsageProperty
{
    /// <summary>The thread.</summary>
    Thread,

    /// <summary>The model. No group has one if the CLI does not report it, as with the CLIs of 2026.</summary>
    Model,

    /// <summary>The day of each message, in local time.</summary>
    Day,

    /// <summary>The prompt of the run.</summary>
    Prompt,

    /// <summary>The outcome of the run.</summary>
    Outcome,

    /// <summary>The computer on which the agent worked.</summary>
    Host,
}

/// <summary>The usage of a group of runs. Properties that the runs were not grouped by are null.</summary>
public sealed record UsageTotal
{
    /// <summary>The values that the runs of the group have in common, as text; empty if all runs are in one group.</summary>
    public string Group => string.Join(", ", ((string?[])
    [
        ThreadId, Model, Day?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), Prompt, Outcome?.ToString(), HostName,
    ]).OfType<string>());

    /// <summary>The thread.</summary>
    public string? ThreadId { get; init; }

    /// <summary>The model.</summary>
    public string? Model { get; init; }

    /// <summary>The day, in local time.</summary>
    public DateTime? Day { get; init; }

    /// <summary>The prompt.</summary>
    public string? Prompt { get; init; }

    /// <summary>The outcome; null also for runs without a result.</summary>
    public ResultOutcome? Outcome { get; init; }

    /// <summary>The name of the computer on which the agent worked.</summary>
    public string? HostName { get; init; }

    /// <summary>The number of runs. A run that belongs to several groups, such as those of two days, is counted in each.</summary>
    public int Runs { get; init; }

    /// <summary>The number of answers of the main agent.</summary>
    public long Turns { get; init; }

    /// <summary>The tokens sent to the model and not found in its cache, including those of subagents.</summary>
    public long InputTokens { get; init; }

    /// <summary>The tokens that the model wrote.</summary>
    public long OutputTokens { get; init; }

    /// <summary>The tokens written to the model's cache.</summary>
    public long CacheCreationInputTokens { get; init; }

    /// <summary>The tokens read from the model's cache.</summary>
    public long CacheReadInputTokens { get; init; }

    /// <summary>All tokens.</summary>
    public long TotalTokens { get; init; }

    /// <summary>The number of tool calls by the agent and its subagents.</summary>
    public long ToolUses { get; init; }

    /// <summary>The total duration of the runs, as measured by the CLI. A run that belongs to several groups is counted in the first one.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The cost in US dollars; null if no result reports one, as with the CLIs of 2026.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Returns the group and its tokens.</summary>
    public override string ToString() => $"{Group}: {TotalTokens} tokens in {Runs} runs".TrimStart(':', ' ');
}
