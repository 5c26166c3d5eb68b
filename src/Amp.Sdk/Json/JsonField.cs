using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Amp.Json;

/// <summary>
/// Reads a known field. A value of an unexpected type is neither lost nor an error: the property stays empty and the field becomes an
/// additional one.
/// </summary>
internal static class JsonField
{
    public delegate T ObjectReader<T>(ref JsonReader reader);

    /// <summary>Moves to the value if it is an object; otherwise stays on the name.</summary>
    public static bool IsObjectNext(ref JsonReader reader)
    {
        JsonReader ahead = reader;
        ahead.Read();
        if (ahead.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        reader = ahead;
        return true;
    }

    public static string? String(ref JsonReader reader, ref AdditionalFields additional) => String(ref reader, ref additional, isRecurring: false);

    /// <summary>Reads a string of which there are few, such as the name of a tool.</summary>
    public static string? RecurringString(ref JsonReader reader, ref AdditionalFields additional) => String(ref reader, ref additional, isRecurring: true);

    private static string? String(ref JsonReader reader, ref AdditionalFields additional, bool isRecurring)
    {
        JsonReader name = reader;
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return isRecurring ? JsonText.Recurring(ref reader) : JsonText.String(ref reader);
        }

        KeepUnlessNull(ref reader, name, ref additional);
        return null;
    }

    public static bool? Boolean(ref JsonReader reader, ref AdditionalFields additional)
    {
        JsonReader name = reader;
        reader.Read();
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
        {
            return reader.TokenType == JsonTokenType.True;
        }

        if (reader.TokenType == JsonTokenType.String
            && bool.TryParse(Encoding.UTF8.GetString(reader.ValueSpan), out bool value))
        {
            return value;
        }

        KeepUnlessNull(ref reader, name, ref additional);
        return null;
    }

    /// <summary>Reads an integer, also in quotes. A fraction is dropped.</summary>
    public static long? Integer(ref JsonReader reader, ref AdditionalFields additional)
    {
        JsonReader name = reader;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            if (reader.TryGetInt64(out long whole))
            {
                return whole;
            }

            double number = double.Parse(Encoding.UTF8.GetString(reader.ValueSpan), CultureInfo.InvariantCulture);
            if (Math.Abs(number) < long.MaxValue)
            {
                if (number != Math.Truncate(number))
                {
                    additional.Keep(ref name);
                }

                return (long)number;
            }
        }
        else if (reader.TokenType == JsonTokenType.String
            && Utf8Parser.TryParse(reader.ValueSpan, out long quoted, out int used) && used == reader.ValueSpan.Length)
        {
            return quoted;
        }

        KeepUnlessNull(ref reader, name, ref additional);
        return null;
    }

    public static T? Object<T>(ref JsonReader reader, ref AdditionalFields additional, ObjectReader<T> read)
        where T : class
    {
        JsonReader name = reader;
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return read(ref reader);
        }

        KeepUnlessNull(ref reader, name, ref additional);
        return null;
    }

    public static string[]? Strings(ref JsonReader reader, ref AdditionalFields additional) =>
        Array(ref reader, ref additional, JsonTokenType.String, JsonText.String);

    public static T[]? Objects<T>(ref JsonReader reader, ref AdditionalFields additional, ObjectReader<T> read) =>
        Array(ref reader, ref additional, JsonTokenType.StartObject, read);

    /// <summary>Reads any JSON value as plain objects.</summary>
    public static object? Any(ref JsonReader reader)
    {
        reader.Read();
        return JsonValue.Read(ref reader);
    }

    // One item of another type makes the whole field one of an unexpected type, so that nothing is dropped.
    private static T[]? Array<T>(
        ref JsonReader reader, ref AdditionalFields additional, JsonTokenType kind, ObjectReader<T> read)
    {
        JsonReader name = reader;
        reader.Read();
        JsonReader start = reader;
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            List<T> items = [];
            while (reader.Read() && reader.TokenType == kind)
            {
                items.Add(read(ref reader));
            }

            if (reader.TokenType == JsonTokenType.EndArray)
            {
                return [.. items];
            }
        }

        reader = start;
        KeepUnlessNull(ref reader, name, ref additional);
        return null;
    }

    // The reader is at a value of an unexpected type, "name" at the name of the field.
    private static void KeepUnlessNull(ref JsonReader reader, JsonReader name, ref AdditionalFields additional)
    {
        if (reader.TokenType != JsonTokenType.Null)
        {
            additional.Keep(ref name);
            reader = name;
        }
    }
}
