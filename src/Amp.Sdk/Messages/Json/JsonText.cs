using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Amp.Messages.Json;

/// <summary>Reading JSON bytes as the CLI writes them: tolerant of what JavaScript allows in a string and .NET does not.</summary>
internal static class JsonText
{
    /// <summary>How deep a line may nest; a deeper one is reported as broken instead of exhausting the stack.</summary>
    public const int MaxDepth = 512;

    private static readonly JsonReaderOptions s_options = new() { MaxDepth = MaxDepth };

    public static Utf8JsonReader Open(ReadOnlySpan<byte> json) => new(json, s_options);

    /// <summary>Goes to the next field name of the object that the reader is in; false at its end.</summary>
    public static bool NextField(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>
    /// The string or field name that the reader stands on. Half surrogate pairs, which JavaScript writes as escapes,
    /// come through as they are; bytes that are no UTF-8 become replacement characters. .NET's own reader throws on both.
    /// </summary>
    public static string String(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }

        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Unescape(Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    /// <summary>Whether the reader stands on this string or field name; .NET's own comparison throws where half a surrogate pair is escaped.</summary>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> text) => reader.ValueIsEscaped
        ? Encoding.UTF8.GetBytes(String(ref reader)).AsSpan().SequenceEqual(text)
        : reader.ValueSpan.SequenceEqual(text);

    // The reader has already checked that every escape is a whole one.
    private static string Unescape(string text)
    {
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                result.Append(text[i]);
                continue;
            }

            char escape = text[++i];
            if (escape == 'u')
            {
                result.Append((char)ushort.Parse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
            }
            else
            {
                result.Append(escape switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => escape });
            }
        }

        return result.ToString();
    }
}
