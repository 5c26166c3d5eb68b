using System.Management.Automation;
using Amp.Files;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>The base class of cmdlets for the files of a checkpoint: which of them are chosen.</summary>
public abstract class CheckpointFileCmdlet : CheckpointCmdlet
{
    /// <summary>The files or folders, as patterns with wildcards. By default, all files. You can also give files that no longer exist.</summary>
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
    /// <param name="all">All differences.</param>
    /// <param name="isToPresent">Whether they are those to the present state of the folder.</param>
    /// <exception cref="AmpValidationException">A path is not in the file system, not in the folder of the checkpoint, or in neither of the states.</exception>
    private protected IReadOnlyList<FileDifference> Chosen(IReadOnlyList<FileDifference> all, bool isToPresent = true)
    {
        if (ChoosesAll)
        {
            return all;
        }

        // The names of the differences have no links in them.
        string here = RealPath.Of(CurrentFolder());
        string[] literal = [.. (LiteralPath ?? []).Select(path => InRealFolder(ResolveFilePath(path, nameof(LiteralPath))))];
        string[] named =
        [
            .. literal,
            .. (Path ?? []).Where(path => !WildcardPattern.ContainsWildcardCharacters(path)).Select(path => InRealFolder(ResolveFilePath(path, nameof(Path)))),
        ];
        if (all.Count > 0 && Array.Find(named, path => !IsIn(Root(all[0]), path)) is string outside)
        {
            throw new AmpValidationException($"'{outside}' is not in '{Root(all[0])}'.", nameof(Path), "Give files or folders in the folder of the checkpoint.", outside);
        }

        // A misspelled path would look like a file without a difference.
        if (isToPresent && Array.Find(named, path => !BoundedFile.IsThere(path) && !all.Any(difference => Names(difference).Contains(path))) is string missing)
        {
            throw new AmpValidationException(
                $"'{missing}' does not exist, and did not exist when the checkpoint was created.",
                nameof(Path),
                "Check the spelling. To list the files that are different, run Compare-AmpCheckpoint without a path.",
                missing);
        }

        Pattern[] patterns = [.. (Path ?? []).Select(path => Pattern.Of(Plain(path)))];
        return [.. all.Where(difference => Names(difference).Any(name => literal.Contains(name) || patterns.Any(pattern => pattern.Matches(name, here))))];
    }

    private static string InRealFolder(string path)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(path);
        return System.IO.Path.GetDirectoryName(full) is string parent ? System.IO.Path.Combine(RealPath.Of(parent), System.IO.Path.GetFileName(full)) : full;
    }

    private static string Root(FileDifference difference) => System.IO.Path.TrimEndingDirectorySeparator(difference.FullName[..^difference.Path.Length]);

    private static bool IsIn(string root, string path)
    {
        string relative = System.IO.Path.GetRelativePath(root, path);
        return relative is not ".." && !relative.StartsWith(".." + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal) && !System.IO.Path.IsPathFullyQualified(relative);
    }

    private static string Plain(string path)
    {
        string plain = path.Replace('\\', OperatingSystem.IsWindows() ? '/' : '\\').TrimEnd('/');
        return plain.StartsWith("./", StringComparison.Ordinal) ? plain[2..] : plain;
    }

    // The file by its names, and the folders in which it is.
    private static IEnumerable<string> Names(FileDifference difference)
    {
        string root = Root(difference);
        foreach (string? path in (string?[])[difference.Path, difference.PreviousPath])
        {
            for (string? name = path; name is { Length: > 0 }; name = System.IO.Path.GetDirectoryName(name))
            {
                yield return System.IO.Path.Combine(root, name.Replace('/', System.IO.Path.DirectorySeparatorChar));
            }
        }

        yield return root;
    }

    // As a user types it: relative to the current location, or in full.
    private sealed record Pattern(WildcardPattern Wildcard, bool IsRooted, bool GoesUp)
    {
        private static readonly char[] s_wildcards = ['*', '?', '[', '`'];

        public static Pattern Of(string text)
        {
            bool isRooted = System.IO.Path.IsPathFullyQualified(text);
            if (isRooted)
            {
                int wild = text.IndexOfAny(s_wildcards);
                int end = (wild < 0 ? text : text[..wild]).LastIndexOf('/');
                text = end > 0 ? Slashes(RealPath.Of(text[..end])).TrimEnd('/') + text[end..] : text;
            }

            return new Pattern(
                new WildcardPattern(text, OperatingSystem.IsLinux() ? WildcardOptions.None : WildcardOptions.IgnoreCase), isRooted, text.StartsWith("..", StringComparison.Ordinal));
        }

        public bool Matches(string name, string here)
        {
            if (IsRooted)
            {
                return Wildcard.IsMatch(Slashes(name));
            }

            // A star is everything in the current folder, and not what is next to it.
            string relative = Slashes(System.IO.Path.GetRelativePath(here, name));
            return (GoesUp || !(relative is ".." || relative.StartsWith("../", StringComparison.Ordinal))) && Wildcard.IsMatch(relative);
        }

        private static string Slashes(string path) => OperatingSystem.IsWindows() ? path.Replace('\\', '/') : path;
    }
}
