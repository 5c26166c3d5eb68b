using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Amp.Execution;

/// <summary>What the CLI is given on its standard input: the prompt as it is, or as a message in JSON.</summary>
/// <remarks>
/// All CLIs of 2026 that were tried (January to March) cut a plain prompt off at 1 MiB without a word, and decode each piece that
/// the pipe delivers by itself, which damages characters at the seams. A message in JSON arrives whole, and written in ASCII it
/// has no seams to damage. Short prompts stay plain, since that is the way that every version is used in.
/// </remarks>
internal sealed class RunInput
{
    // A pipe takes this much in one piece, and text without other characters than ASCII may be cut anywhere.
    private const int LongestPlainAscii = 64 * 1024;

    // What POSIX guarantees to arrive in one piece on every Linux (PIPE_BUF).
    private const int LongestPlain = 4096;

    private RunInput(bool isJson, ReadOnlyMemory<byte> bytes)
    {
        IsJson = isJson;
        Bytes = bytes;
    }

    /// <summary>Whether the CLI has to be told that messages come and no plain text.</summary>
    public bool IsJson { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    public static RunInput Of(string prompt)
    {
        // Half a surrogate pair, which no UTF-8 can carry, becomes a replacement character.
        byte[] plain = Encoding.UTF8.GetBytes(prompt);
        return plain.Length <= LongestPlain || (plain.Length <= LongestPlainAscii && plain.Length == prompt.Length)
            ? new RunInput(false, plain)
            : new RunInput(true, ToMessage(prompt));
    }

    private static ReadOnlyMemory<byte> ToMessage(string prompt)
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
            writer.WriteString("text"u8, prompt);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenMemory;
    }
}
