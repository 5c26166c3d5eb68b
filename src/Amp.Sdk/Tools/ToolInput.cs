using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Json;

namespace Amp.Tools;

/// <summary>Writes the input of a tool as JSON.</summary>
internal static class ToolInput
{
    private const int MaxDepth = 64;

    /// <exception cref="AmpValidationException">A value cannot be represented in JSON, or its nesting is endless.</exception>
    public static string ToJson(IDictionary input) => Encoding.UTF8.GetString(ToUtf8(input, "Argument"));

    /// <summary>Gets a value as it would be read from JSON: a copy of plain objects, which nobody else can change.</summary>
    /// <param name="value">A string, number, boolean, list, dictionary or JSON element, at any depth; or null.</param>
    /// <param name="place">The name of the value in an error.</param>
    /// <exception cref="AmpValidationException">A value cannot be represented in JSON, or its nesting is endless.</exception>
    public static object? ToPlain(object? value, string place)
    {
        if (value is null or string or bool or long)
        {
            return value;
        }

        JsonReader reader = JsonText.Open(ToUtf8(value, place));
        return JsonField.Any(ref reader);
    }

    private static byte[] ToUtf8(object? value, string place)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(writer, value, place, 0);
        }

        return bytes.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, object? value, string place, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Unusable($"{place} nests deeper than {MaxDepth} levels");
        }

        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool boolean:
                writer.WriteBooleanValue(boolean);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case float or double:
                WriteNumber(writer, Convert.ToDouble(value, CultureInfo.InvariantCulture), place);
                break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal:
                writer.WriteNumberValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
            case DateTime or DateTimeOffset:
                writer.WriteStringValue(((IFormattable)value).ToString("o", CultureInfo.InvariantCulture));
                break;
            case char or Enum or Guid or Uri or FileSystemInfo:
                writer.WriteStringValue(value.ToString());
                break;
            case BigInteger number:
                writer.WriteRawValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case JsonElement element:
                element.WriteTo(writer);
                break;
            case IDictionary dictionary:
                writer.WriteStartObject();
                foreach (DictionaryEntry entry in dictionary)
                {
                    string name = entry.Key.ToString()!;
                    writer.WritePropertyName(name);
                    Write(writer, entry.Value, $"{place}.{name}", depth + 1);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable list:
                writer.WriteStartArray();
                foreach (object? item in list)
                {
                    Write(writer, item, $"{place}[]", depth + 1);
                }

                writer.WriteEndArray();
                break;
            default:
                throw Unusable($"{place} is a {value.GetType()}, which JSON cannot express");
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, double number, string place)
    {
        if (!double.IsFinite(number))
        {
            throw Unusable($"{place} is {number.ToString(CultureInfo.InvariantCulture)}, which JSON cannot express");
        }

        writer.WriteNumberValue(number);
    }

    private static AmpValidationException Unusable(string what) =>
        new(what + ".", "Argument", "Use strings, numbers, booleans, and lists and hashtables of these.");
}
