using System.Buffers;
using System.Text.Json;

namespace Amp;

/// <summary>A user message in a conversation with the agent.</summary>
public sealed class UserInputMessage
{
    /// <summary>Creates a text message.</summary>
    /// <exception cref="AmpValidationException">The text is empty.</exception>
    public UserInputMessage(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new AmpValidationException("The message is empty.", nameof(Text), "Say what the agent is to do.");
        }

        Text = text;
    }

    /// <summary>Returns the text.</summary>
    public string Text { get; }

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;

    /// <summary>
    /// Gets the line for the CLI. It consists of ASCII, because the CLIs of 2026 decode each chunk of a pipe separately, which damages
    /// other characters at the boundaries.
    /// </summary>
    internal ReadOnlyMemory<byte> ToLine()
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter writer = new(line))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "user"u8);
            writer.WriteStartObject("message"u8);
            writer.WriteString("role"u8, "user"u8);
            writer.WriteStartArray("content"u8);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "text"u8);

            // The default encoder escapes all characters except ASCII.
            writer.WriteString("text"u8, Text);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenMemory;
    }
}
