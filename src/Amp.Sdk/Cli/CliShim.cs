using System.Text.RegularExpressions;
using Amp.Files;

namespace Amp.Cli;

/// <summary>
/// Reads which program an npm or pnpm shim starts. A shim is a small script next to the real program (<c>amp</c>, <c>amp.cmd</c>,
/// <c>amp.ps1</c>) that contains its relative path. It is read and not run, because for a batch file, <c>cmd.exe</c> would parse every
/// argument again.
/// </summary>
internal static partial class CliShim
{
    private const int LongestShim = 64 * 1024;

    /// <summary>Gets the file that the shim starts; null if it is not a shim or the file does not exist.</summary>
    public static string? ReadTarget(string shim)
    {
        string text;
        try
        {
            text = BoundedFile.ReadText(shim, LongestShim);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // Node itself may be next to the shim and be named in the same way, but it is not the target of the shim.
        string folder = Path.GetDirectoryName(Path.GetFullPath(shim))!;
        foreach (Match match in TargetPattern().Matches(text))
        {
            string relative = match.Groups["path"].Value.Replace('\\', '/');
            string target = Path.GetFullPath(relative, folder);
            if (Path.GetFileNameWithoutExtension(target) != "node" && File.Exists(target))
            {
                return CliFile.FollowLinks(target);
            }
        }

        return null;
    }

    // sh and PowerShell: "$basedir/../@ampcode/cli/bin/amp.exe"; cmd: "%dp0%\..." or "%~dp0\...".
    [GeneratedRegex("""(?:\$\{?basedir\}?|%~?dp0%?)[\\/]+(?<path>[^"'%$\r\n]+?\.(?:js|mjs|cjs|exe))(?=["'\s]|$)""", RegexOptions.IgnoreCase)]
    private static partial Regex TargetPattern();
}
