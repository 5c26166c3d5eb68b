using System.Buffers;

namespace Amp.Clients.Skills;

/// <summary>Refuses values that the CLI would accept and that would cause damage.</summary>
internal static class SkillCheck
{
    private static readonly SearchValues<char> s_noName = SearchValues.Create("/\\:*?\"<>|\0");

    /// <summary>
    /// Checks a name, which must be that of a single folder. The CLI joins it to the folder of skills and deletes that path: <c>..</c>
    /// would delete the whole parent folder (seen with 0.0.1774310664).
    /// </summary>
    /// <exception cref="AmpValidationException">The text is not a version or tag.</exception>
    public static void Name(string? name)
    {
        // The later CLIs also support "@user/name".
        string[] parts = (name ?? string.Empty).Split('/');
        bool hasOwner = parts is [{ Length: > 1 }, _] && parts[0][0] == '@';
        if (parts.Length > (hasOwner ? 2 : 1) || parts.Any(part => !IsFolder(part.TrimStart('@'))))
        {
            throw new AmpValidationException(
                $"'{TerminalText.Strip(name ?? string.Empty)}' is not a valid skill name.",
                "Name",
                "Give the name that SkillClient.ListAsync returns: a folder name without a path.",
                name);
        }
    }

    private static bool IsFolder(string text) =>
        text.Trim('.', ' ').Length > 0 && text[0] != '-' && text.AsSpan().IndexOfAny(s_noName) < 0;

    /// <exception cref="AmpValidationException">The source is empty, or contains a password, which would be public as an
    /// argument.</exception>
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
