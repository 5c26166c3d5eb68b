namespace Amp.Messages;

/// <summary>What is known of a line before its content is read.</summary>
internal readonly record struct MessageEnvelope(
    byte[] Line, string Type, string? SessionId, string? ParentToolUseId)
{
    /// <summary>Whether a turn of the conversation ends with the message: so it can be counted without its content.</summary>
    public bool EndsTurn { get; init; }

    /// <summary>The tools that the message calls; null where it calls none.</summary>
    public string[]? ToolNames { get; init; }

    /// <summary>The run's first message; null where the message calls no tool or that has not come.</summary>
    public SystemMessage? Start { get; init; }
}
