using System.Text.RegularExpressions;

namespace Amp.Options;

/// <summary>Parses thread IDs and thread URLs strictly, because the CLI could treat an invalid one as a flag.</summary>
internal static partial class ThreadReference
{
    /// <summary>Gets the ID of the thread.</summary>
    /// <exception cref="AmpValidationException">The text is null, or neither an ID nor a URL of a thread.</exception>
    public static string Parse(string? text, string optionName) => (text is null ? null : TryParse(text)) ?? throw new AmpValidationException(
        text is null ? "The thread ID is missing." : $"'{TerminalText.Strip(text)}' is not a valid thread ID or URL. An ID is 'T-' and a UUID; a URL ends with an ID.",
        optionName,
        "Use the ThreadId of a message, or the thread's URL from the browser.",
        text);

    /// <summary>Gets the ID of the thread; null if the text is neither an ID nor a URL of a thread.</summary>
    public static string? TryParse(string text)
    {
        Match match = Pattern().Match(text.Trim());
        return match.Success ? "T-" + match.Groups["uuid"].Value.ToLowerInvariant() : null;
    }

    [GeneratedRegex(
        @"^(?:https?://[^\s/?#]+/threads/)?T-(?<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[/?#][^\s]*)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
