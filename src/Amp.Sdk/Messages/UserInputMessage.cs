using System.Buffers;
using System.Text.Json;

namespace Amp;

/// <summary>What the user says in one turn of a conversation with the agent.</summary>
public sealed class UserInputMessage
{
    /// <summary>Makes a message of text.</summary>
    /// <exception cref="AmpValidationException">The text is empty.</exception>
    public UserInputMessage(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new AmpValidationException("The message is empty.", nameof(Text), "Say what the agent is to do.");
        }

        Text = text;
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>The text.</summary>
    public override string ToString() => Text;

    /// <summary>
    /// The line that the CLI reads. It consists of ASCII: the CLIs of 2026 decode each piece that a pipe delivers by itself, which
    /// damages other characters at the seams.
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

            // The default encoder writes every other character than ASCII as an escape.
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
