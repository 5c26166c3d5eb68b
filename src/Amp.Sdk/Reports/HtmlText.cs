using System.Buffers;
using System.Net;
using System.Text;

namespace Amp.Reports;

/// <summary>Text for the content and the quoted attributes of HTML elements.</summary>
internal static class HtmlText
{
    private const int LongestOnStack = 1024;

    private static readonly SearchValues<char> s_special = SearchValues.Create("&<>\"'");

    /// <summary>Adds a text with all characters escaped that mean something in HTML.</summary>
    public static StringBuilder AppendText(this StringBuilder html, ReadOnlySpan<char> text)
    {
        for (int i; (i = text.IndexOfAny(s_special)) >= 0; text = text[(i + 1)..])
        {
            html.Append(text[..i]).Append(text[i] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                _ => "&#39;",
            });
        }

        return html.Append(text);
    }

    /// <summary>What a reader gets of HTML that has no <c>&gt;</c> in its attributes: its text, then the addresses of its links.</summary>
    public static string Shown(string html)
    {
        const string Address = "href=\"";
        Span<char> shown = html.Length <= LongestOnStack ? stackalloc char[LongestOnStack] : new char[html.Length];
        int length = 0;
        StringBuilder? addresses = null;
        ReadOnlySpan<char> left = html;
        for (int start; (start = left.IndexOf('<')) >= 0;)
        {
            left[..start].CopyTo(shown[length..]);
            length += start;
            left = left[start..];
            int end = left.IndexOf('>') + 1;
            ReadOnlySpan<char> tag = end > 0 ? left[..end] : left;
            int at = tag.IndexOf(Address);
            if (at >= 0)
            {
                ReadOnlySpan<char> link = tag[(at + Address.Length)..];
                int quote = link.IndexOf('"');
                (addresses ??= new StringBuilder()).Append('\n').Append(Uri.UnescapeDataString(WebUtility.HtmlDecode((quote < 0 ? link : link[..quote]).ToString())));
            }

            left = left[tag.Length..];
        }

        left.CopyTo(shown[length..]);
        return WebUtility.HtmlDecode(new string(shown[..(length + left.Length)])) + addresses;
    }

    /// <summary>Adds the lines of a difference, each with its class.</summary>
    public static StringBuilder AppendDiff(this StringBuilder html, string text)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            string? kind = line.StartsWith("@@") || line.StartsWith("***") || line.StartsWith("diff --git ") ? "hunk"
                : line.StartsWith("+++ ") || line.StartsWith("--- ") ? "file"
                : line.StartsWith("+") ? "add"
                : line.StartsWith("-") ? "del"
                : null;
            if (kind is null)
            {
                html.AppendText(line);
            }
            else
            {
                html.Append("<span class=\"").Append(kind).Append("\">").AppendText(line).Append("</span>");
            }

            html.Append('\n');
        }

        return html;
    }
}
