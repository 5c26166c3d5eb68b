using System.Globalization;
using System.Text;
using Amp.Reports;

namespace Amp.Sdk.Tests.Reports;

/// <summary>What is written without the renderer of Markdown is what the renderer writes.</summary>
public sealed class PlainParagraphsTests
{
    private static readonly string[] s_parts =
    [
        "the", "file", "snake_case", "C:\\Temp", "src/a.cs,", "I'll", "\"quoted\"", "(see 3.)", "x = y - z", "a:b", "100%", "Größe", "日本", "{}", "end.", "#1", "!", "?", "$x", "@ada", ";", "^2",
        " ", " ", " ", " ", "\n", "\n", "\n\n", "  ", "    ", "- ", "+ ", "1. ", "2) ", "# ", "===", "---", "_", "__", "\\", "\\\n", "*", "`", "~", "|", "&amp;", "<b>", "[a]", "https://example.com", "www.example.com",
        "mailto:a@example.com", "\t", "\u00a0", "> ", ":", ": ",
    ];

    [Theory]
    [InlineData("Let me look at the file src/a.cs.", true)]
    [InlineData("I'll fix it: the name is snake_case, in C:\\Temp\nand \"here\".\n\nThen 3 more.\n", true)]
    [InlineData("one\n two\n     three ", true)]
    [InlineData("a_ b", false)]
    [InlineData("1. one", false)]
    [InlineData("one  \ntwo", false)]
    [InlineData("one\n===", false)]
    [InlineData("    code", false)]
    [InlineData("see https://example.com", false)]
    [InlineData("see WWW.example.com", false)]
    [InlineData("a\\\nb", false)]
    [InlineData("a &amp; b", false)]
    public void Sentences_are_plain_and_marks_are_not(string text, bool isPlain)
    {
        StringBuilder html = new("before");
        Assert.Equal(isPlain, PlainParagraphs.TryWrite(html, text));
        Assert.Equal(isPlain ? "before" + Rendered(text) : "before", html.ToString());
    }

    [Fact]
    public void Whatever_is_plain_is_the_same_as_rendered()
    {
        Random random = new(20261130);
        int plain = 0;
        for (int i = 0; i < 20_000; i++)
        {
            // The first ones more often, or nothing would be plain.
            StringBuilder text = new();
            for (int part = random.Next(1, 12); part > 0; part--)
            {
                text.Append(s_parts[random.Next(random.Next(4) == 0 ? s_parts.Length : 30)]).Append(random.Next(3) == 0 ? string.Empty : " ");
            }

            StringBuilder html = new();
            if (PlainParagraphs.TryWrite(html, text.ToString()))
            {
                plain++;
                Assert.True(Rendered(text.ToString()) == html.ToString(), string.Create(CultureInfo.InvariantCulture, $"'{text}' is '{html}', and rendered '{Rendered(text.ToString())}'"));
            }
        }

        Assert.InRange(plain, 2_000, 20_000);
    }

    // An apostrophe means the same in both spellings.
    private static string Rendered(string text) => new ReportMarkdown().ToHtml(text)!.Replace("'", "&#39;", StringComparison.Ordinal);
}
