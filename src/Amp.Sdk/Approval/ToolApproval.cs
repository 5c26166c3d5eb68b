namespace Amp;

/// <summary>An approval request of a run, and its decision.</summary>
public sealed record ToolApproval
{
    /// <summary>The name of the tool.</summary>
    public required string ToolName { get; init; }

    /// <summary>
    /// The ID of the call, as in the messages of the run. The native CLIs do not report it when they ask, so it is found by the tool and
    /// its input. Empty if no call in the run's messages matches, such as for a subagent's call.
    /// </summary>
    public required string ToolUseId { get; init; }

    /// <summary>The thread of the run.</summary>
    public required string ThreadId { get; init; }

    /// <summary>The input of the tool, as JSON without known secrets; at most 2,000 characters.</summary>
    public required string Input { get; init; }

    /// <summary>Whether the call was allowed.</summary>
    public required bool IsAllowed { get; init; }

    /// <summary>
    /// The reason for a rejection: the message of the decision, or why there was no decision; null if the call was allowed.
    /// </summary>
    public required string? Reason { get; init; }

    /// <summary>The time of the request.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>The time until the decision.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Returns the decision, the tool and the reason.</summary>
    public override string ToString() => TerminalText.Strip(
        $"{(IsAllowed ? "Allowed" : "Rejected")} {ToolName} {Input}{(Reason is null ? string.Empty : $": {Reason}")}").ReplaceLineEndings(" ");
}
