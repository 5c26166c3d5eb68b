using System.Text.Json;
using Amp.Json;

namespace Amp.Messages;

/// <summary>The fields that every message shows from the start, whatever its type.</summary>
internal static class EnvelopeFields
{
    /// <summary>Passes over the field that the reader stands on, if the envelope already has it.</summary>
    public static bool Skip(ref JsonReader reader)
    {
        if (!JsonText.Is(ref reader, "type"u8)
            && !JsonText.Is(ref reader, "session_id"u8)
            && !JsonText.Is(ref reader, "parent_tool_use_id"u8))
        {
            return false;
        }

        // One that is no string never reached the envelope; it belongs to the additional fields.
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
