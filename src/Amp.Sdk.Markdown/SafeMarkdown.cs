using System.Diagnostics;
using System.Text;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Amp.Markdown;

/// <summary>Changes the places of a Markdown text that would do more than show words, and leaves all others as they are.</summary>
internal static class SafeMarkdown
{
    private const int HeadingOffset = 2;

    // What was text inside HTML or a link is read as Markdown when that is text itself.
    private const int MostPasses = 6;

    // It is not shown, and ends the name of a user and the number of an issue.
    private const string End = "<!-- -->";

    // A reader needs a fraction of it for the longest text that a person writes.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(3);

    private static readonly MarkdownPipeline s_pipeline = MarkdownText.Builder().UsePreciseSourceLocation().Build();

    /// <summary>Makes the text safe; null if that does not succeed.</summary>
    public static string? Of(string text)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < MostPasses && Stopwatch.GetElapsedTime(start) < s_longest; i++)
        {
            MarkdownDocument document = MarkdownText.Parse(text, s_pipeline);
            Edits edits = new();
            foreach (MarkdownObject part in document.Descendants())
            {
                Disarm(text, part, edits);
            }

            if (edits.IsEmpty)
            {
                return WithSmallHeadings(text, document);
            }

            text = edits.Of(text);
        }

        return null;
    }

    private static void Disarm(string text, MarkdownObject part, Edits edits)
    {
        switch (part)
        {
            case HtmlInline inline when inline.Tag == End:
                break;
            case HtmlBlock or HtmlInline:
                EscapeAll(text, part.Span, edits);
                break;
            case AutolinkInline autolink when !autolink.IsEmail && !MarkdownText.IsSafeLink(autolink.Url):
                edits.Add(autolink.Span.Start, 1, "&lt;");
                break;
            case LinkInline { IsAutoLink: true } bare:
                Enclose(text, bare, edits);
                break;
            case LinkInline link:
                Unlink(text, link, edits);
                break;
            case LinkReferenceDefinition definition:
                // Texts of other messages could refer to it.
                edits.Add(text.IndexOf('[', definition.Span.Start), 0, "\\");
                break;
            case HtmlEntityInline entity:
                Show(entity, edits);
                break;
            case LiteralInline { Parent: not LinkInline { IsAutoLink: true } } literal:
                Unmention(text, literal.Span, edits);
                break;
            case HeadingBlock { IsSetext: true } heading:
                Underlined(text, heading, edits);
                break;
        }
    }

    private static string WithSmallHeadings(string text, MarkdownDocument document)
    {
        Edits edits = new();
        string end = string.Empty;
        foreach (MarkdownObject part in document.Descendants())
        {
            if (part is HeadingBlock heading)
            {
                edits.Add(heading.Span.Start, 0, new string('#', Math.Min(HeadingOffset, 6 - heading.Level)));
            }
            else if (part is FencedCodeBlock { ClosingFencedCharCount: 0, Parent: MarkdownDocument } fence)
            {
                end = "\n" + new string(fence.FencedChar, Math.Max(3, fence.OpeningFencedCharCount));
            }
        }

        return edits.Of(text) + end;
    }

    private static void EscapeAll(string text, SourceSpan span, Edits edits)
    {
        for (int i = Math.Max(0, span.Start); i <= span.End && i < text.Length; i++)
        {
            if (text[i] == '<')
            {
                edits.Add(i, 1, "&lt;");
            }
        }
    }

    // Not every reader of Markdown finds the same addresses in words, but all find those in angle brackets.
    private static void Enclose(string text, LinkInline bare, Edits edits)
    {
        ReadOnlySpan<char> address = text.AsSpan(bare.Span.Start, bare.Span.Length);
        if (address.IndexOfAny('@', '#') < 0)
        {
            return;
        }

        if (address.StartsWith("http", StringComparison.OrdinalIgnoreCase) && address.IndexOfAny('<', '>', '\\') < 0)
        {
            edits.Add(bare.Span.Start, 0, "<");
            edits.Add(bare.Span.End + 1, 0, ">");
        }
        else
        {
            Unmention(text, bare.Span, edits);
        }
    }

    private static void Unlink(string text, LinkInline link, Edits edits)
    {
        int start = link.Span.Start;
        if (link.IsImage)
        {
            edits.Add(start, 0, "\\");
            start++;
        }

        if (!MarkdownText.IsSafeLink(link.Url))
        {
            edits.Add(start, 0, "\\");
        }
        else if (link.Reference is not null)
        {
            // The definition of its address becomes text.
            int end = link.Span.End + 1;
            int label = link.IsShortcut ? end : text.LastIndexOf('[', end - 1, end - start);
            while (!link.IsShortcut && text[label - 1] == '\\')
            {
                label = text.LastIndexOf('[', label - 1);
            }

            edits.Add(label, end - label, $"(<{link.Url!.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "%3C", StringComparison.Ordinal).Replace(">", "%3E", StringComparison.Ordinal).Replace("\\", "%5C", StringComparison.Ordinal)}>)");
        }
    }

    private static void Show(HtmlEntityInline entity, Edits edits)
    {
        string shown = entity.Transcoded.ToString();
        if (shown is "@" or "#")
        {
            edits.Add(entity.Span.Start, entity.Span.Length, shown + End);
        }
        else if (shown.Any(IsHidden))
        {
            edits.Add(entity.Span.Start, 1, "&amp;");
        }
    }

    // Names of users, and numbers of issues in both forms. The name or number may begin with an entity.
    private static void Unmention(string text, SourceSpan span, Edits edits)
    {
        int from = Math.Max(0, span.Start);
        for (int i = from; i <= span.End && i + 1 < text.Length; i++)
        {
            char next = text[i + 1];
            bool isBegun = text[i] switch
            {
                '@' => (char.IsAsciiLetterOrDigit(next) || next == '&') && (i == from || !IsWord(text[i - 1])),
                '#' => char.IsAsciiDigit(next) || next == '&',
                '-' => (char.IsAsciiDigit(next) || next == '&') && i >= from + 2 && text.AsSpan(i - 2, 2).Equals("GH", StringComparison.OrdinalIgnoreCase),
                _ => false,
            };
            if (isBegun)
            {
                edits.Add(i + 1, 0, End);
            }
        }
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    // A heading with a line below it has no smaller form.
    private static void Underlined(string text, HeadingBlock heading, Edits edits)
    {
        edits.Add(heading.Span.Start, 0, new string('#', heading.Level) + " ");
        int end = heading.Span.End + 1;
        while (end > heading.Span.Start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        int start = end;
        while (start > heading.Span.Start && text[start - 1] is '=' or '-')
        {
            start--;
        }

        edits.Add(start, end - start, string.Empty);
    }

    private static bool IsHidden(char c) =>
        char.IsControl(c) || c is '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private sealed class Edits
    {
        private readonly List<(int At, int Length, string Text)> _edits = [];

        public bool IsEmpty => _edits.Count == 0;

        public void Add(int at, int length, string text) => _edits.Add((at, length, text));

        /// <summary>Applies them. One inside another waits for the next pass.</summary>
        public string Of(string text)
        {
            StringBuilder result = new(text.Length + (_edits.Count * 4));
            int from = 0;
            foreach ((int at, int length, string with) in _edits.OrderBy(edit => (edit.At, edit.Length)))
            {
                if (at >= from && at <= text.Length)
                {
                    result.Append(text, from, at - from).Append(with);
                    from = at + length;
                }
            }

            return result.Append(text, from, text.Length - from).ToString();
        }
    }
}
