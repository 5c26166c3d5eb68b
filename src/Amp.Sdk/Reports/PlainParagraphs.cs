using System.Buffers;
using System.Text;

namespace Amp.Reports;

/// <summary>
/// Markdown that consists of nothing but paragraphs, as most sentences of an agent do. It is written without the renderer, which takes many times as long. A test
/// compares what both write.
/// </summary>
internal static class PlainParagraphs
{
    // What can have a meaning anywhere in a line. Quotes and similar characters are escaped, but mean nothing.
    private static readonly SearchValues<char> s_marks = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(code => (char)code).Where(c => c != '\n'), .. "`*[]<>~|&"]);

    private static readonly string[] s_addresses = ["://", "mailto:", "tel:"];

    /// <summary>Writes a text as HTML; returns false, and writes nothing, if something in it may be more than a paragraph.</summary>
    public static bool TryWrite(StringBuilder html, string text)
    {
        if (text.AsSpan().IndexOfAny(s_marks) >= 0 || HasAddress(text) || !AreLiteral(text))
        {
            return false;
        }

        int start = html.Length;
        bool isOpen = false;
        ReadOnlySpan<char> rest = text.AsSpan().TrimEnd(" \n");
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf('\n');
            ReadOnlySpan<char> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            ReadOnlySpan<char> words = line.Trim(' ');
            if (words.IsEmpty)
            {
                html.Append(isOpen ? "</p>\n" : string.Empty);
                isOpen = false;
                continue;
            }

            // Four spaces begin a block of code, and two end a line. Other white space at the ends of a line is not that of a sentence.
            int indentation = line.IndexOfAnyExcept(' ');
            if (CanBegin(words[0]) || char.IsWhiteSpace(words[0]) || char.IsWhiteSpace(words[^1]) || (!isOpen && indentation > 3) || line.Length - indentation - words.Length > 1)
            {
                html.Length = start;
                return false;
            }

            html.Append(isOpen ? "\n" : "<p>").AppendText(words);
            isOpen = true;
        }

        html.Append(isOpen ? "</p>\n" : string.Empty);
        return true;
    }

    // Headings, lists, lines, and the line below a heading.
    private static bool CanBegin(char c) => c is '#' or '-' or '+' or '=' or ':' or (>= '0' and <= '9');

    private static bool HasAddress(string text) => text.Contains("www.", StringComparison.OrdinalIgnoreCase)
        || (text.Contains(':', StringComparison.Ordinal) && Array.Exists(s_addresses, address => text.Contains(address, StringComparison.OrdinalIgnoreCase)));

    // A backslash and a low line inside words, such as those of paths and names.
    private static bool AreLiteral(string text)
    {
        for (int i = text.AsSpan().IndexOfAny('\\', '_'); i >= 0;)
        {
            bool isFollowed = i + 1 < text.Length && char.IsAsciiLetterOrDigit(text[i + 1]);
            if (!isFollowed || (text[i] == '_' && (i == 0 || !char.IsAsciiLetterOrDigit(text[i - 1]))))
            {
                return false;
            }

            int next = text.AsSpan(i + 1).IndexOfAny('\\', '_');
            i = next < 0 ? -1 : i + 1 + next;
        }

        return true;
    }
}
