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
