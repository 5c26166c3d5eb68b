using System.Buffers;

namespace Amp.Clients.Skills;

/// <summary>Refuses what the CLI would take and do harm with.</summary>
internal static class SkillCheck
{
    private static readonly SearchValues<char> s_noName = SearchValues.Create("/\\:*?\"<>|\0");

    /// <summary>
    /// A name is one folder's. The CLI joins it to the folder of skills and deletes what is there: <c>..</c> takes the whole folder
    /// above with it (seen with 0.0.1774310664).
    /// </summary>
    /// <exception cref="AmpValidationException">It is none.</exception>
    public static void Name(string? name)
    {
        // The later CLIs also know "@user/name".
        string[] parts = (name ?? string.Empty).Split('/');
        bool hasOwner = parts is [{ Length: > 1 }, _] && parts[0][0] == '@';
        if (parts.Length > (hasOwner ? 2 : 1) || parts.Any(part => !IsFolder(part.TrimStart('@'))))
        {
            throw new AmpValidationException(
                $"'{TerminalText.Strip(name ?? string.Empty)}' is not a valid skill name.",
                "Name",
                "Give the name as Get-AmpSkill shows it: a folder name without a path.",
                name);
        }
    }

    private static bool IsFolder(string text) =>
        text.Trim('.', ' ').Length > 0 && text[0] != '-' && text.AsSpan().IndexOfAny(s_noName) < 0;

    /// <exception cref="AmpValidationException">It is empty, or holds a password, which would be public among the arguments.</exception>
    public static void Source(string? source)
    {
        if (string.IsNullOrWhiteSpace(source))
        {
            throw new AmpValidationException(
                "The source is empty.", "Source", "Give a folder, owner/repository, or the URL of a Git repository.");
        }

        if (Uri.TryCreate(source, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.UserInfo.Length > 0)
        {
            throw new AmpValidationException(
                $"The URL of {url.Host} contains a user name or password, which every user of this machine could read in the arguments.",
                "Source",
                "Use a Git credential helper, or an SSH URL.");
        }
    }
}
