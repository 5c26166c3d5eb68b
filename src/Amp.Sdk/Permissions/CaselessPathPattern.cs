using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Amp.Permissions;

/// <summary>
/// Creates regular expressions for rules that restrict paths of Windows and macOS, where the case of letters does not count. On Windows, both slashes separate
/// folders. The expressions are found anywhere in a path, so they match too many paths rather than too few.
/// </summary>
internal static class CaselessPathPattern
{
    // The parent folder, doubled separators, the same folder, short names, the home folder, URLs.
    private const string OnWindows = @"\.\.|[\\\/][\\\/]|[\\\/]\.[\\\/]|~|[fF][iI][lL][eE]:";

    // The file systems of macOS ignore some of these characters, and take the others for ASCII letters.
    private const string OddOnMac = @"[\u017f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u212a\ufb00-\ufb06\ufeff]";

    // A folder that has every file by its number.
    private const string ByNumber = @"\/\.[vV][oO][lL]\/";

    private const string OnMac = @"(?:^|\/)\.\.(?:\/|$)|\/\/|\/\.\/|^~|^[fF][iI][lL][eE]:|" + ByNumber + "|" + OddOnMac;

    // In a patch, the path can begin anywhere after the word.
    private const string InPatchOnMac = @"\.\.|\/\/|\/\.\/|~|[fF][iI][lL][eE]:|" + ByNumber + "|" + OddOnMac;

    // No accented letter has more parts where it is written as a letter and its accents.
    private const int MostParts = 4;

    // To the file systems of macOS, these are two s.
    private const string SharpS = @"\u00df\u1e9e";

    /// <summary>Gets the expression for spellings that can mean any file.</summary>
    public static string Roundabout(OSPlatform system) => system == OSPlatform.OSX ? OnMac : OnWindows;

    /// <summary>Gets the same for a line of a patch.</summary>
    public static string RoundaboutInPatch(OSPlatform system) => system == OSPlatform.OSX ? InPatchOnMac : OnWindows;

    /// <summary>Gets the expression for the paths of a rule; null if any path may be one.</summary>
    /// <param name="path">The path of the rule, with slashes.</param>
    /// <param name="workingDirectory">The folder for relative paths.</param>
    /// <param name="system">The system of the paths.</param>
    public static string? Of(string path, string workingDirectory, OSPlatform system)
    {
        bool isMac = system == OSPlatform.OSX;
        path = isMac ? Composed(path) : path.Replace('\\', '/');
        string folder = (isMac ? Composed(workingDirectory) : workingDirectory.Replace('\\', '/')).TrimEnd('/') + "/";
        bool isRooted = path is ['/', ..] or [_, ':', ..];
        int star = path.IndexOf('*', StringComparison.Ordinal);
        string start = star < 0 ? path : path[..star];
        if (start.StartsWith(folder, StringComparison.OrdinalIgnoreCase))
        {
            path = path[folder.Length..];
        }
        else if (isRooted && star >= 0 && folder.StartsWith(start, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // A path without a drive is on the current one, so the drive does not count.
        path = path is [_, ':', '/', ..] ? path[2..] : path;
        path = path.Trim('*');
        return path.Length == 0 ? null : Expression(path, isMac);
    }

    private static string Expression(string path, bool isMac)
    {
        StringBuilder expression = new();
        int end;
        for (int start = 0; start < path.Length; start = end)
        {
            end = start + 1;
            if (IsVague(path[start]))
            {
                end = EndOfRun(start, IsVague);
                expression.Append(Vague(path[start..end]));
            }
            else if (isMac && IsS(path[start]))
            {
                end = EndOfRun(start, IsS);
                expression.Append(RunOfS(end - start));
            }
            else
            {
                AppendCharacter(expression, path[start]);
            }
        }

        return expression.ToString();

        bool IsVague(char c) => c == '*' || (isMac && c > '\x7f');

        int EndOfRun(int start, Func<char, bool> isSame)
        {
            int next = start + 1;
            while (next < path.Length && isSame(path[next]))
            {
                next++;
            }

            return next;
        }
    }

    // One quantifier for all: several side by side can split a text in so many ways that the CLI would not end its search.
    private static string Vague(string run)
    {
        int letters = run.Count(c => c != '*');
        return letters == 0 ? @"[^\n\r]*"
            : letters < run.Length ? string.Create(CultureInfo.InvariantCulture, $@"[^\n\r]{{{letters},}}")
            : string.Create(CultureInfo.InvariantCulture, $@"[^\/\n\r]{{{letters},{letters * MostParts}}}");
    }

    private static bool IsS(char c) => c is 's' or 'S';

    private static string RunOfS(int count) => count switch
    {
        1 => "[sS]",
        2 => $"(?:[sS][sS]|[{SharpS}])",
        _ => string.Create(CultureInfo.InvariantCulture, $"[sS{SharpS}]{{{(count + 1) / 2},{count}}}"),
    };

    private static void AppendCharacter(StringBuilder expression, char c)
    {
        (char small, char capital) = (char.ToLowerInvariant(c), char.ToUpperInvariant(c));
        _ = c switch
        {
            '/' => expression.Append(@"[\\\/]"),
            _ when small != capital => expression.Append('[').Append(small).Append(capital).Append(']'),
            _ when char.IsAsciiDigit(c) || c > '\x7f' || c is ' ' or '_' or '-' or ',' or '@' or '=' or ':' or '%' or '\'' or '!' or '#' or '&' or ';' or '`' or '~' => expression.Append(c),
            _ => expression.Append('\\').Append(c),
        };
    }

    private static string Composed(string text)
    {
        try
        {
            return text.Normalize();
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair.
            return text;
        }
    }
}
