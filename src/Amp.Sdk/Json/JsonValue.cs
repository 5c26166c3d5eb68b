using System.Collections.Specialized;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Amp.Json;

/// <summary>
/// Converts any JSON to plain .NET objects: an ordered dictionary as in <c>[ordered]@{}</c>, an array, a string, a number, a boolean, null.
/// PowerShell can use member access, and no reader or document must be kept alive.
/// </summary>
internal static class JsonValue
{
    private const int LongestWholeNumber = 1000;

    /// <summary>Reads the current value. The reader is then at its last token.</summary>
    public static object? Read(ref JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader);
            case JsonTokenType.StartArray:
                return ReadArray(ref reader);
            case JsonTokenType.String:
                return JsonText.String(ref reader);
            case JsonTokenType.Number:
                return ReadNumber(ref reader);
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            default:
                return null;
        }
    }

    /// <summary>Parses a whole text; null if it is not a single JSON value.</summary>
    public static object? ParseOrNull(string text)
    {
        JsonReader reader = JsonText.Open(Encoding.UTF8.GetBytes(text));
        try
        {
            reader.Read();
            object? value = Read(ref reader);
            return reader.Read() ? null : value;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static OrderedDictionary ReadObject(ref JsonReader reader)
    {
        FieldCollection fields = new(StringComparer.OrdinalIgnoreCase);
        while (JsonText.NextField(ref reader))
        {
            string name = JsonText.Recurring(ref reader);
            reader.Read();
            fields.Set(name, Read(ref reader));
        }

        return fields.Fields!;
    }

    private static object?[] ReadArray(ref JsonReader reader)
    {
        List<object?> items = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Read(ref reader));
        }

        return [.. items];
    }

    // The same types as ConvertFrom-Json.
    private static object ReadNumber(ref JsonReader reader)
    {
        if (reader.TryGetInt64(out long whole))
        {
            return whole;
        }

        // Reading an integer takes quadratic time. Numbers of a CLI are never longer than this.
        string digits = Encoding.UTF8.GetString(reader.ValueSpan);
        return digits.Length <= LongestWholeNumber && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger big)
            ? big
            : double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}
