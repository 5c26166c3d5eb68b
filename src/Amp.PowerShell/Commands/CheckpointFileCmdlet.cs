using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>The base class of cmdlets for the files of a checkpoint: which of them are chosen.</summary>
public abstract class CheckpointFileCmdlet : CheckpointCmdlet
{
    /// <summary>The files or folders, as patterns with wildcards. By default, all files. Files that do not exist anymore can be named too.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>The files, and folders with everything in them, without wildcards.</summary>
    [Parameter]
    [Alias("PSPath", "LP")]
    public string[]? LiteralPath { get; set; }

    /// <summary>Whether all files are chosen.</summary>
    private protected bool ChoosesAll => Path is null && LiteralPath is null;

    /// <summary>Gets the differences of chosen files.</summary>
    /// <exception cref="AmpValidationException">A path is not in the file system.</exception>
    private protected IReadOnlyList<FileDifference> Chosen(IReadOnlyList<FileDifference> all)
    {
        if (ChoosesAll)
        {
            return all;
        }

        string here = CurrentFolder();
        string[] literal = [.. (LiteralPath ?? []).Select(path => System.IO.Path.TrimEndingDirectorySeparator(ResolveFilePath(path, nameof(LiteralPath))))];
        WildcardPattern[] patterns = [.. (Path ?? []).Select(path => new WildcardPattern(Plain(path), OperatingSystem.IsLinux() ? WildcardOptions.None : WildcardOptions.IgnoreCase))];
        return [.. all.Where(difference => Names(difference).Any(name => literal.Contains(name) || patterns.Any(pattern => Matches(pattern, name, here))))];
    }

    // As a user types it: relative to the current location, or in full.
    private static bool Matches(WildcardPattern pattern, string name, string here) =>
        pattern.IsMatch(name) || pattern.IsMatch(System.IO.Path.GetRelativePath(here, name).Replace('\\', '/'));

    private static string Plain(string path)
    {
        string plain = path.Replace('\\', OperatingSystem.IsWindows() ? '/' : '\\').TrimEnd('/');
        return plain.StartsWith("./", StringComparison.Ordinal) ? plain[2..] : plain;
    }

    // The file by its names, and the folders in which it is.
    private static IEnumerable<string> Names(FileDifference difference)
    {
        string root = difference.FullName[..^difference.Path.Length];
        foreach (string? path in (string?[])[difference.Path, difference.PreviousPath])
        {
            for (string? name = path; name is { Length: > 0 }; name = System.IO.Path.GetDirectoryName(name))
            {
                yield return System.IO.Path.Combine(root, name.Replace('/', System.IO.Path.DirectorySeparatorChar));
            }
        }

        yield return System.IO.Path.TrimEndingDirectorySeparator(root);
    }
}
