using System.Text;

namespace Amp.Permissions;

/// <summary>
/// Creates regular expressions for rules that restrict paths of Windows, where both slashes separate folders and the case of letters does not count. They are found
/// anywhere in a path, so they match too many paths rather than too few.
/// </summary>
internal static class WindowsPathPattern
{
    /// <summary>Spellings that can mean any file: the parent folder, doubled separators, the same folder, short names, the home folder, URLs.</summary>
    public const string Roundabout = @"\.\.|[\\\/][\\\/]|[\\\/]\.[\\\/]|~|[fF][iI][lL][eE]:";

    /// <summary>Gets the expression for the paths of a rule; null if any path may be one.</summary>
    /// <param name="path">The path of the rule, with slashes.</param>
    /// <param name="workingDirectory">The folder for relative paths.</param>
    public static string? Of(string path, string workingDirectory)
    {
        path = path.Replace('\\', '/');
        string folder = workingDirectory.Replace('\\', '/').TrimEnd('/') + "/";
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
        return path.Length == 0 ? null : Expression(path);
    }

    private static string Expression(string path)
    {
        StringBuilder expression = new();
        foreach (char c in path)
        {
            (char small, char capital) = (char.ToLowerInvariant(c), char.ToUpperInvariant(c));
            _ = c switch
            {
                '*' => expression.Append(@"[^\n\r]*"),
                '/' => expression.Append(@"[\\\/]"),
                _ when small != capital => expression.Append('[').Append(small).Append(capital).Append(']'),
                _ when char.IsAsciiDigit(c) || c > '\x7f' || c is ' ' or '_' or '-' or ',' or '@' or '=' or ':' or '%' or '\'' or '!' or '#' or '&' or ';' or '`' or '~' => expression.Append(c),
                _ => expression.Append('\\').Append(c),
            };
        }

        return expression.ToString();
    }
}
