using System.Buffers;
using System.Text;
using Amp.Text;

namespace Amp;

/// <summary>Makes text of a model or a program safe for a terminal.</summary>
internal static class TerminalText
{
    private const char Escape = '\u001b';
    private const char ControlSequenceIntroducer = '\u009b';

    // A search of .NET for them is many times faster than a loop, above all in a process that has just started.
    private static readonly SearchValues<char> s_controls =
        SearchValues.Create([.. Enumerable.Range(char.MinValue, char.MaxValue + 1).Select(code => (char)code).Where(IsControl)]);

    /// <summary>
    /// Removes terminal control sequences, control characters, and characters that change the direction of text, because they make a line
    /// look different from what it is. Tabs and line breaks are kept. A carriage return that is not part of a line break is removed,
    /// because it would let later text overwrite earlier text.
    /// </summary>
    public static string Strip(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int first = FirstControl(text);
        if (first < 0)
        {
            return text;
        }

        StringBuilder result = new(text.Length);
        result.Append(text, 0, first);
        for (int i = first; i < text.Length; i++)
        {
            char c = text[i];
            if (c == Escape || c == ControlSequenceIntroducer)
            {
                i = EndOfSequence(text, i);
            }
            else if (!IsControl(c))
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }

    /// <summary>Removes patterns of secrets: Amp keys, bearer headers, login URLs. Values without a known pattern are kept.</summary>
    public static string WithoutSecrets(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SecretRedactor.Patterns.Redact(text);
    }

    /// <summary>Writes each character that <see cref="Strip"/> removes as <c>\uXXXX</c>, so that the whole text is visible.</summary>
    internal static string Escaped(string text)
    {
        if (FirstControl(text) < 0)
        {
            return text;
        }

        StringBuilder result = new(text.Length + 16);
        foreach (char c in text)
        {
            _ = IsControl(c) ? result.Append("\\u").Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)) : result.Append(c);
        }

        return result.ToString();
    }

    /// <summary>
    /// Writes the name of a file or a process in one line, with everything visible that <see cref="Strip"/> removes. A name can contain line breaks,
    /// with which it would write lines of its own into a warning.
    /// </summary>
    internal static string Name(string name) => Escaped(name).Replace("\n", "\\u000a", StringComparison.Ordinal);

    /// <summary>Gets the part of a UTF-8 text after the leading spaces, control characters and control sequences.</summary>
    internal static ReadOnlySpan<byte> WithoutLeadingControls(ReadOnlySpan<byte> text)
    {
        while (text is [<= (byte)' ' or 0x7F, ..])
        {
            text = text[0] == Escape ? text[SequenceLength(text)..] : text[1..];
        }

        return text;
    }

    // Like EndOfSequence, for bytes.
    private static int SequenceLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2)
        {
            return text.Length;
        }

        int i = 2;
        switch (text[1])
        {
            case (byte)'[':
                while (i < text.Length && text[i] is >= (byte)' ' and <= (byte)'?')
                {
                    i++;
                }

                return i < text.Length && text[i] is >= (byte)'@' and <= (byte)'~' ? i + 1 : i;
            case (byte)']' or (byte)'P' or (byte)'X' or (byte)'^' or (byte)'_':
                int end = text[2..].IndexOfAny((byte)'\a', (byte)'\n', (byte)Escape);
                return end < 0 ? text.Length
                    : text[2 + end] == '\n' ? 2 + end
                    : text[2 + end] == '\a' ? 3 + end
                    : 3 + end < text.Length && text[3 + end] == '\\' ? 4 + end : 2 + end;
            case >= (byte)' ' and <= (byte)'/':
                return Math.Min(3, text.Length);
            default:
                return text[1] < (byte)' ' ? 1 : 2;
        }
    }

    private static int FirstControl(string text) => text.AsSpan().IndexOfAny(s_controls);

    // Of Unicode's format characters, only those with the property Bidi_Control: joiners, for example, are part of words and emoji.
    private static bool IsControl(char c) => c < '\u061c'
        ? char.IsControl(c) && c is not ('\t' or '\n')
        : c is '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    // ECMA-48: a control sequence ends with a character from @ to ~; an operating system command (ESC ]) and similar sequences end with BEL
    // or ESC \. An unfinished one extends at most to the end of its line.
    private static int EndOfSequence(string text, int start)
    {
        int i = start + 1;
        char kind = text[start] == ControlSequenceIntroducer ? '[' : i < text.Length ? text[i++] : '\0';
        switch (kind)
        {
            case '[':
                while (i < text.Length && text[i] is >= ' ' and <= '?')
                {
                    i++;
                }

                return i < text.Length && text[i] is >= '@' and <= '~' ? i : i - 1;
            case ']' or 'P' or 'X' or '^' or '_':
                while (i < text.Length && text[i] is not ('\a' or '\n'))
                {
                    if (text[i] == Escape)
                    {
                        return i + 1 < text.Length && text[i + 1] == '\\' ? i + 1 : i - 1;
                    }

                    i++;
                }

                return i < text.Length && text[i] == '\n' ? i - 1 : i;
            case >= ' ' and <= '/':
                return i < text.Length ? i : i - 1;
            case '\n':
                return start;
            default:
                return i - 1;
        }
    }
}
