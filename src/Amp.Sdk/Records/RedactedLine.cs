using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Json;
using Amp.Text;

namespace Amp.Records;

/// <summary>Removes secrets from a JSON line. Strings without one, and everything between them, keep their bytes, and the line stays valid JSON.</summary>
internal static class RedactedLine
{
    // Of a key that is written as a field, only the name shows that the value is a secret.
    private const string KeyName = "AMP_API_KEY";

    /// <summary>Writes the line without secrets.</summary>
    /// <exception cref="JsonException">The line is not valid JSON. A part of it may have been written.</exception>
    public static void Write(ReadOnlySpan<byte> line, SecretRedactor redactor, IBufferWriter<byte> output)
    {
        int done = 0;
        bool isKey = false;
        int depth = 0;
        JsonReader reader = RecordLine.Open(line);
        while (reader.Read())
        {
            bool isText = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
            if ((isText || reader.TokenType == JsonTokenType.Number) && line.Overlaps(reader.ValueSpan, out int start))
            {
                string text = isText ? JsonText.String(ref reader) : Encoding.UTF8.GetString(reader.ValueSpan);
                string safe = isKey && reader.TokenType != JsonTokenType.PropertyName ? SecretText.Mask
                    : isText ? redactor.Redact(text)

                    // Digits of a secret occur in other numbers too, and outside of the message, all are the record's own.
                    : depth > 1 && redactor.IsKnown(text) ? SecretText.Mask : text;
                if (safe != text)
                {
                    output.Write(line[done..start]);
                    string written = isText ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(safe) : $"\"{SecretText.Mask}\"";
                    Encoding.UTF8.GetBytes(written, output);
                    done = start + reader.ValueSpan.Length;
                }

                isKey = reader.TokenType == JsonTokenType.PropertyName && text.Equals(KeyName, StringComparison.OrdinalIgnoreCase);
            }
            else
            {
                isKey = false;
                depth += reader.TokenType switch
                {
                    JsonTokenType.StartObject or JsonTokenType.StartArray => 1,
                    JsonTokenType.EndObject or JsonTokenType.EndArray => -1,
                    _ => 0,
                };
            }
        }

        output.Write(line[done..]);
    }
}
