using System.Runtime.InteropServices;
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

    /// <summary>Gets the system whose paths the tools use.</summary>
    /// <param name="home">The home folder on another machine; null for this machine. That of macOS is known by its name.</param>
    public static OSPlatform SystemOf(string? home) =>
        home is null ? OperatingSystem.IsWindows() ? OSPlatform.Windows : OperatingSystem.IsMacOS() ? OSPlatform.OSX : OSPlatform.Linux
        : home.StartsWith("/Users/", StringComparison.Ordinal) || home == "/var/root" ? OSPlatform.OSX
        : OSPlatform.Linux;

    /// <summary>Gets patterns for the possible spellings of the rule's paths; null if any path may be one.</summary>
    /// <param name="path">The path of the rule.</param>
    /// <param name="workingDirectory">The folder for relative paths.</param>
    /// <param name="system">The system whose paths the tools use.</param>
    /// <param name="home">The home folder on another machine; null for that of this machine.</param>
    public static object[]? Touching(string path, string workingDirectory, OSPlatform system, string? home = null) =>
        IgnoresCase(system) ? CaselessPathPattern.Of(Expanded(path, home), workingDirectory, system) is string found
            ? [$"/{found}{End(path, system)}|{CaselessPathPattern.Roundabout(system)}/"]
            : null
        : Spellings(path, workingDirectory, home) is string[] spellings ? [.. spellings, .. s_roundabout]
        : null;

    /// <summary>Gets the same for the lines of a patch.</summary>
    public static object[]? InPatch(string path, string workingDirectory, OSPlatform system, string? home = null) =>
        IgnoresCase(system) ? CaselessPathPattern.Of(Expanded(path, home), workingDirectory, system) is string found
            ? [$@"/(?:File|Move to):[^\n\r]*(?:{found}|{CaselessPathPattern.RoundaboutInPatch(system)})/"]
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

    private static bool IgnoresCase(OSPlatform system) => system == OSPlatform.Windows || system == OSPlatform.OSX;

    // Windows ignores some characters behind a name, macOS does not.
    private static string End(string path, OSPlatform system) => system == OSPlatform.OSX && path[^1] != '*' ? "(?![^])" : string.Empty;

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
