using System.Text.RegularExpressions;

namespace Amp.HelpBuilder;

/// <summary>Text for a console: without the marks of Markdown.</summary>
internal static partial class PlainText
{
    public static string Of(string markdown) =>
        StrongPattern().Replace(CodePattern().Replace(LinkPattern().Replace(markdown, "$1"), "$1"), "$1");

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex("`([^`]*)`")]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"\*\*([^*]+)\*\*")]
    private static partial Regex StrongPattern();
}
