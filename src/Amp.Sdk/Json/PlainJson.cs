using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Amp.Json;

/// <summary>Writes plain values, lists and dictionaries as JSON.</summary>
internal static class PlainJson
{
    /// <summary>Writes a field of an object.</summary>
    public static void Write(Utf8JsonWriter writer, string name, object? value)
    {
        writer.WritePropertyName(name);
        Write(writer, value);
    }

    public static void Write(Utf8JsonWriter writer, object? value)
    {
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
            case float or double when !double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)):
                // A number such as 1e999 is read as infinite. JSON cannot represent it, and JavaScript, and so the CLI, writes null.
                writer.WriteNullValue();
                break;
            case float number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case IDictionary dictionary:
                writer.WriteStartObject();
                foreach (DictionaryEntry entry in dictionary)
                {
                    writer.WritePropertyName((string)entry.Key);
                    Write(writer, entry.Value);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable list:
                writer.WriteStartArray();
                foreach (object? item in list)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case BigInteger number:
                writer.WriteRawValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteNumberValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    /// <summary>
    /// Returns whether two values are the same JSON. The order of fields does not matter; their case does, although dictionaries of an object ignore it.
    /// </summary>
    public static bool AreEqual(object? one, object? other)
    {
        switch (one, other)
        {
            case (IDictionary fields, IDictionary others):
                if (fields.Count != others.Count)
                {
                    return false;
                }

                Dictionary<string, object?> known = new(StringComparer.Ordinal);
                foreach (DictionaryEntry field in others)
                {
                    known[(string)field.Key] = field.Value;
                }

                foreach (DictionaryEntry field in fields)
                {
                    if (!known.TryGetValue((string)field.Key, out object? value) || !AreEqual(field.Value, value))
                    {
                        return false;
                    }
                }

                return true;
            case (object?[] items, object?[] others):
                return items.Length == others.Length && items.Zip(others).All(pair => AreEqual(pair.First, pair.Second));
            default:
                return Equals(one, other);
        }
    }
}
