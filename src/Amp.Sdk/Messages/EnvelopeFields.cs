using System.Text.Json;
using Amp.Json;

namespace Amp.Messages;

/// <summary>The fields that every message has from the start, whatever its type.</summary>
internal static class EnvelopeFields
{
    /// <summary>Skips the current field of the reader if the envelope already has it.</summary>
    public static bool Skip(ref JsonReader reader)
    {
        if (!JsonText.Is(ref reader, "type"u8)
            && !JsonText.Is(ref reader, "session_id"u8)
            && !JsonText.Is(ref reader, "parent_tool_use_id"u8))
        {
            return false;
        }

        // A value that is not a string is not part of the envelope. It belongs to the additional fields.
        JsonReader ahead = reader;
        ahead.Read();
        if (ahead.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
        {
            return false;
        }

        reader = ahead;
        return true;
    }
}

/// <summary>What is known about a line before its content is read.</summary>
internal readonly record struct MessageEnvelope(
    byte[] Line, string Type, string? SessionId, string? ParentToolUseId)
{
    /// <summary>Whether the message ends a turn of the conversation, so that turns can be counted without reading the content.</summary>
    public bool EndsTurn { get; init; }

    /// <summary>The tools that the message calls; null if there are none.</summary>
    public IReadOnlyList<string>? ToolNames { get; init; }

    /// <summary>The first message of the run; null if this message calls no tool or the first message has not arrived.</summary>
    public SystemMessage? Start { get; init; }
}
