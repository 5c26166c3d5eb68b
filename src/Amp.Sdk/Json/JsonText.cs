using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Amp.Json;

/// <summary>Reading JSON bytes as the CLI writes them: tolerant of what JavaScript allows in a string and .NET does not.</summary>
internal static class JsonText
{
    private const int LongestOnStack = 256;
    private const int LongestRented = 256 * 1024;

    public static JsonReader Open(ReadOnlySpan<byte> json) => new(json);

    /// <summary>Goes to the next field name of the object that the reader is in; false at its end.</summary>
    public static bool NextField(ref JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>
    /// The string or field name that the reader stands on. Half surrogate pairs, which JavaScript writes as escapes,
    /// come through as they are; bytes that are no UTF-8 become replacement characters. .NET's own reader throws on both.
    /// </summary>
    public static string String(ref JsonReader reader) =>
        reader.ValueIsEscaped ? Unescape(reader.ValueSpan) : Encoding.UTF8.GetString(reader.ValueSpan);

    /// <summary>Whether the reader stands on this string or field name; .NET's own comparison throws where half a surrogate pair is escaped.</summary>
    public static bool Is(ref JsonReader reader, ReadOnlySpan<byte> text) => reader.ValueIsEscaped
        ? Encoding.UTF8.GetBytes(String(ref reader)).AsSpan().SequenceEqual(text)
        : reader.ValueSpan.SequenceEqual(text);

    /// <summary>The same for a name that is not known when this is compiled, and is ASCII.</summary>
    public static bool Is(ref JsonReader reader, string text)
    {
        if (reader.ValueIsEscaped)
        {
            return String(ref reader) == text;
        }

        return System.Text.Ascii.Equals(reader.ValueSpan, text);
    }

    // The reader has already checked that every escape is a whole one. What it stands for is never longer than it.
    private static string Unescape(ReadOnlySpan<byte> text)
    {
        // The pool would keep a huge one for ever.
        char[]? rented = text.Length is > LongestOnStack and <= LongestRented ? ArrayPool<char>.Shared.Rent(text.Length) : null;
        Span<char> result = rented ?? (text.Length > LongestRented ? new char[text.Length] : stackalloc char[LongestOnStack]);
        int length = 0;
        int escape;
        while ((escape = text.IndexOf((byte)'\\')) >= 0)
        {
            length += Encoding.UTF8.GetChars(text[..escape], result[length..]);
            byte kind = text[escape + 1];
            if (kind == 'u')
            {
                _ = Utf8Parser.TryParse(text.Slice(escape + 2, 4), out ushort unit, out _, 'x');
                result[length++] = (char)unit;
                text = text[(escape + 6)..];
            }
            else
            {
                result[length++] = kind switch { (byte)'n' => '\n', (byte)'t' => '\t', (byte)'r' => '\r', (byte)'b' => '\b', (byte)'f' => '\f', _ => (char)kind };
                text = text[(escape + 2)..];
            }
        }

        length += Encoding.UTF8.GetChars(text, result[length..]);
        string whole = new(result[..length]);
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        return whole;
    }
}
