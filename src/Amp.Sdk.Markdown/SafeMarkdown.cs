using System.Text;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Amp.Markdown;

/// <summary>Changes the places of a Markdown text that would do more than show words, and leaves all others as they are.</summary>
internal static class SafeMarkdown
{
    private const int HeadingOffset = 2;

    private static readonly MarkdownPipeline s_pipeline = MarkdownText.Builder().UsePreciseSourceLocation().Build();

    public static string Of(string text)
    {
        MarkdownDocument document = MarkdownText.Parse(text, s_pipeline);
        SortedDictionary<int, (int Length, string Text)> edits = [];
        string end = string.Empty;
        foreach (MarkdownObject part in document.Descendants())
        {
            switch (part)
            {
                case HtmlBlock or HtmlInline:
                    EscapeAll(text, part.Span, edits);
                    break;
                case AutolinkInline autolink when !autolink.IsEmail && !MarkdownText.IsSafeLink(autolink.Url):
                    edits[autolink.Span.Start] = (1, "&lt;");
                    break;
                case LinkInline { IsAutoLink: false } link when link.IsImage || !MarkdownText.IsSafeLink(link.Url):
                    Unlink(link, edits);
                    break;
                case HtmlEntityInline entity when entity.Transcoded.AsSpan().ToString().Any(IsHidden):
                    edits[entity.Span.Start] = (1, "&amp;");
                    break;
                case LiteralInline literal:
                    Unmention(text, literal.Span, edits);
                    break;
                case HeadingBlock { IsSetext: false } heading:
                    edits[heading.Span.Start] = (0, new string('#', Math.Min(HeadingOffset, 6 - heading.Level)));
                    break;
                case FencedCodeBlock { ClosingFencedCharCount: 0, Parent: MarkdownDocument } fence:
                    end = "\n" + new string(fence.FencedChar, Math.Max(3, fence.OpeningFencedCharCount));
                    break;
            }
        }

        return edits.Count == 0 ? text + end : Edited(text, edits) + end;
    }

    private static string Edited(string text, SortedDictionary<int, (int Length, string Text)> edits)
    {
        StringBuilder result = new(text.Length + (edits.Count * 4));
        int from = 0;
        foreach ((int at, (int length, string with)) in edits)
        {
            if (at < from || at > text.Length)
            {
                continue;
            }

            result.Append(text, from, at - from).Append(with);
            from = at + length;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    private static void EscapeAll(string text, SourceSpan span, SortedDictionary<int, (int Length, string Text)> edits)
    {
        for (int i = Math.Max(0, span.Start); i <= span.End && i < text.Length; i++)
        {
            if (text[i] == '<')
            {
                edits[i] = (1, "&lt;");
            }
        }
    }

    private static void Unlink(LinkInline link, SortedDictionary<int, (int Length, string Text)> edits)
    {
        int start = link.Span.Start;
        if (link.IsImage)
        {
            edits[start] = (0, "\\");
            start++;
        }

        if (!MarkdownText.IsSafeLink(link.Url))
        {
            edits[start] = (0, "\\");
        }
    }

    // A comment between the sign and the name is not shown, and ends the name.
    private static void Unmention(string text, SourceSpan span, SortedDictionary<int, (int Length, string Text)> edits)
    {
        for (int i = Math.Max(0, span.Start); i <= span.End && i + 1 < text.Length; i++)
        {
            if (text[i] == '@' && char.IsLetterOrDigit(text[i + 1]) && (i == 0 || !(char.IsLetterOrDigit(text[i - 1]) || text[i - 1] is '_' or '.' or '/')))
            {
                edits[i] = (1, "@<!-- -->");
            }
        }
    }

    private static bool IsHidden(char c) =>
        char.IsControl(c) || c is '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
