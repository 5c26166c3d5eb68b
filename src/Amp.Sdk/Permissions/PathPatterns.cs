using System.Text;

namespace Amp.Permissions;

/// <summary>
/// Creates the patterns that a rule for paths matches in the inputs of tools. A tool accepts a path in many spellings: patterns that
/// restrict match too many of them rather than too few, and patterns that allow match too few rather than too many. Links in the file
/// system are not resolved.
/// </summary>
internal static class PathPatterns
{
    // Spellings that can mean any file. Every rule that restricts matches them.
    private static readonly string[] s_roundabout = ["..", "../*", "*/../*", "*/..", "*//*", "*/./*", "~*", "file:*"];

    // In a patch, the dots of a path can be anywhere after the word.
    private static readonly string[] s_roundaboutInPatch = ["..", "//", "/./", "~", "file:"];

    private static readonly string[] s_heads = ["*File:*", "*Move to:*"];

    /// <summary>Gets patterns for the possible spellings of the rule's paths; null if any path may be one.</summary>
    /// <param name="path">The path of the rule.</param>
    /// <param name="workingDirectory">The folder for relative paths.</param>
    /// <param name="home">The home folder on another machine; null for that of this machine.</param>
    /// <param name="isWindows">Whether the tools use paths of Windows; null for what this machine is.</param>
    public static object[]? Touching(string path, string workingDirectory, string? home = null, bool? isWindows = null) =>
        IsWindows(home, isWindows) ? WindowsPathPattern.Of(Expanded(path, home), workingDirectory) is string found ? [$"/{found}|{WindowsPathPattern.Roundabout}/"] : null
        : Spellings(path, workingDirectory, home) is string[] spellings ? [.. spellings, .. s_roundabout]
        : null;

    /// <summary>Gets the same for the lines of a patch.</summary>
    public static object[]? InPatch(string path, string workingDirectory, string? home = null, bool? isWindows = null) =>
        IsWindows(home, isWindows) ? WindowsPathPattern.Of(Expanded(path, home), workingDirectory) is string found
            ? [$@"/(?:File|Move to):[^\n\r]*(?:{found}|{WindowsPathPattern.Roundabout})/"]
            : null
        : Spellings(path, workingDirectory, home) is string[] spellings
            ? [.. spellings.Concat(s_roundaboutInPatch).SelectMany(text => s_heads.Select(head => $"{head}{text.TrimStart('*')}*")).Distinct()]
            : null;

    /// <summary>Gets a regular expression for the rule's paths and no other file.</summary>
    public static string Inside(string path, string workingDirectory, string? home = null)
    {
        string whole = Expanded(path, home);
        whole = whole[0] is '/' or '*' ? whole : $"{workingDirectory.TrimEnd('/')}/{whole}";

        // The CLIs compare line by line, so ^ and $ are not the ends of the text; a file name can contain a line break.
        StringBuilder expression = new(@"/(?<![^])(?![^]*(?:^|\/)\.\.(?:\/|$))");
        foreach (char c in whole)
        {
            if (c == '*')
            {
                expression.Append(@"[^\n\r]*");
            }
            else if (char.IsAsciiLetterOrDigit(c) || c > '\x7f' || c is ' ' or '_' or '-' or ',' or '~' or '@' or '=' or ':' or '%' or '\'' or '"' or '<' or '>' or '!' or '#' or '&' or ';' or '`')
            {
                expression.Append(c);
            }
            else
            {
                expression.Append('\\').Append(c);
            }
        }

        return expression.Append("(?![^])/").ToString();
    }

    private static bool IsWindows(string? home, bool? isWindows) => isWindows ?? (home is null && OperatingSystem.IsWindows());

    private static string[]? Spellings(string path, string workingDirectory, string? home)
    {
        string whole = Expanded(path, home);
        if (whole[0] != '/')
        {
            // In the run's folder and, to match too many rather than too few, below any other folder.
            return [whole[0] == '*' ? whole : $"*{whole}"];
        }

        string folder = workingDirectory.TrimEnd('/') + "/";
        int star = whole.IndexOf('*', StringComparison.Ordinal);
        string start = star < 0 ? whole : whole[..star];
        return start.StartsWith(folder, StringComparison.Ordinal) ? [whole, whole[folder.Length..], "./" + whole[folder.Length..]]
            : star >= 0 && folder.StartsWith(start, StringComparison.Ordinal) ? null
            : [whole];
    }

    private static string Expanded(string path, string? home)
    {
        string text = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        return text.StartsWith("~/", StringComparison.Ordinal)
            ? (home ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)).TrimEnd('/') + text[1..]
            : text;
    }
}
