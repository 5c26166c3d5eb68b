namespace Amp;

/// <summary>What somebody was asked during a run, and what came of it.</summary>
public sealed record ToolApproval
{
    /// <summary>The tool that the agent wanted to call.</summary>
    public required string ToolName { get; init; }

    /// <summary>
    /// The call's ID, which the messages of the run name too. The native CLIs do not say it when they ask; it is found by the tool and what
    /// the tool is given, and empty where no call of the run's messages fits, as for a subagent's.
    /// </summary>
    public required string ToolUseId { get; init; }

    /// <summary>The thread of the run.</summary>
    public required string ThreadId { get; init; }

    /// <summary>What the tool was to be given, as JSON without known secrets; at most 2,000 characters of it.</summary>
    public required string Input { get; init; }

    /// <summary>Whether the call was allowed.</summary>
    public required bool IsAllowed { get; init; }

    /// <summary>Why it was not: the message of the decision, or what kept a decision from being made; null where it was allowed.</summary>
    public required string? Reason { get; init; }

    /// <summary>When the question came.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>How long the answer took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The decision, the tool and why.</summary>
    public override string ToString() => TerminalText.Strip(
        $"{(IsAllowed ? "Allowed" : "Rejected")} {ToolName} {Input}{(Reason is null ? string.Empty : $": {Reason}")}").ReplaceLineEndings(" ");
}
