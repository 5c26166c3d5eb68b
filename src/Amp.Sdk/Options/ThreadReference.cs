using System.Text.RegularExpressions;

namespace Amp.Options;

/// <summary>Reads thread IDs and thread URLs strictly: what is none must never reach the CLI, which could take it for a flag.</summary>
internal static partial class ThreadReference
{
    /// <summary>The thread's ID.</summary>
    /// <exception cref="AmpValidationException">The text is neither an ID nor a thread's URL.</exception>
    public static string Parse(string text, string optionName) => TryParse(text) ?? throw new AmpValidationException(
        $"'{TerminalText.Strip(text)}' is not a valid thread ID or URL. An ID is 'T-' and a UUID; a URL ends with an ID.",
        optionName,
        "Use the ThreadId of a message, or the thread's URL from the browser.",
        text);

    /// <summary>The thread's ID; null where the text is neither an ID nor a thread's URL.</summary>
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
