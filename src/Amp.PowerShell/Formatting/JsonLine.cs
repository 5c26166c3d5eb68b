using System.Buffers;
using System.Collections;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Amp.PowerShell.Formatting;

/// <summary>Writes plain objects as JSON on one line, including objects that PowerShell wrapped in a job or a file.</summary>
internal static class JsonLine
{
    // For people, not for a web page: quotes and umlauts are not escaped.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static string Of(object? value)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, s_options))
        {
            Write(writer, value);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (ViewObject.Plain(value))
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case string text:
                writer.WriteStringValue(Cell.Safe(text));
                break;
            case IDictionary fields:
                writer.WriteStartObject();
                foreach (DictionaryEntry field in fields)
                {
                    writer.WritePropertyName(Cell.Safe(field.Key.ToString() ?? string.Empty));
                    Write(writer, field.Value);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (object? item in items)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case object number when number is long or int or double or decimal:
                writer.WriteRawValue(ViewObject.Words(number));
                break;
            case object other:
                writer.WriteStringValue(Cell.Safe(ViewObject.Words(other)));
                break;
        }
    }
}
