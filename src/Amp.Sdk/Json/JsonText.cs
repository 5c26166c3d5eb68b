using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Amp.Json;

/// <summary>Reads JSON bytes from the CLI, and accepts strings that JavaScript allows and .NET does not.</summary>
internal static class JsonText
{
    private const int LongestOnStack = 256;
    private const int LongestRented = 256 * 1024;

    [ThreadStatic]
    private static RecurringText? s_recurring;

    public static JsonReader Open(ReadOnlySpan<byte> json) => new(json);

    /// <summary>Moves to the next field name of the current object. Returns false at its end.</summary>
    public static bool NextField(ref JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>
    /// Gets the current string or field name. Half surrogate pairs, which JavaScript writes as escapes, are kept; bytes that are not valid
    /// UTF-8 become replacement characters. .NET's own reader throws for both.
    /// </summary>
    public static string String(ref JsonReader reader) =>
        reader.ValueIsEscaped ? Unescape(reader.ValueSpan) : Encoding.UTF8.GetString(reader.ValueSpan);

    /// <summary>Gets the current string or field name, of which there are few: messages that are kept share one object.</summary>
    public static string Recurring(ref JsonReader reader) => (s_recurring ??= new RecurringText()).Of(ref reader);

    /// <summary>
    /// Returns whether the current token is this string or field name. .NET's own comparison throws if half a surrogate pair is escaped.
    /// </summary>
    public static bool Is(ref JsonReader reader, ReadOnlySpan<byte> text) => reader.ValueIsEscaped
        ? Encoding.UTF8.GetBytes(String(ref reader)).AsSpan().SequenceEqual(text)
        : reader.ValueSpan.SequenceEqual(text);

    /// <summary>Returns the same for an ASCII name that is not known at compile time.</summary>
    public static bool Is(ref JsonReader reader, string text)
    {
        if (reader.ValueIsEscaped)
        {
            return String(ref reader) == text;
        }

        return System.Text.Ascii.Equals(reader.ValueSpan, text);
    }

    // The reader has already validated every escape. The decoded text is never longer.
    private static string Unescape(ReadOnlySpan<byte> text)
    {
        // The pool would keep a huge array forever.
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
