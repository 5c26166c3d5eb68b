using System.Text.RegularExpressions;

namespace Amp.LocalService.Threads;

/// <summary>Tells thread IDs from anything else; an ID also becomes a file name, so nothing else may pass.</summary>
internal static partial class ThreadId
{
    public static bool IsValid(string? text) => text is not null && Pattern().IsMatch(text);

    [GeneratedRegex(@"\AT-[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
