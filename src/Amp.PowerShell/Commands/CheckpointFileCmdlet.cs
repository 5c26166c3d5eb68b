using System.Management.Automation;
using Amp.Checkpoints;
using Amp.Files;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>The base class of cmdlets for the files of a checkpoint: which of them are chosen.</summary>
public abstract class CheckpointFileCmdlet : CheckpointCmdlet
{
    private static readonly char[] s_wildcards = ['*', '?', '[', ']', '`'];

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

    /// <summary>Gets the differences of chosen files, and which of them cannot be read.</summary>
    /// <param name="all">All differences.</param>
    /// <param name="unreadable">The full paths of what cannot be read now; null if the differences are not those to the present state of the folder.</param>
    /// <exception cref="AmpValidationException">A path is not in the file system, not in the folder of the checkpoint, or in neither of the states.</exception>
    private protected (IReadOnlyList<FileDifference> Differences, IReadOnlyList<string> Unreadable) Chosen(
        IReadOnlyList<FileDifference> all, IReadOnlyList<string>? unreadable)
    {
        if (ChoosesAll)
        {
            return (all, unreadable ?? []);
        }

        string[] given =
        [
            .. (LiteralPath ?? []).Select(path => InRealFolder(ResolveFilePath(path, nameof(LiteralPath)))),
            .. (Path ?? []).Where(path => !WildcardPattern.ContainsWildcardCharacters(path))
                .Select(path => InRealFolder(ResolveFilePath(WildcardPattern.Unescape(path), nameof(Path)))),
        ];
        if (all.Count > 0 && Array.Find(given, path => RelativeIn(Root(all[0]), path) is null) is string outside)
        {
            throw new AmpValidationException($"'{TerminalText.Name(outside)}' is not in '{Root(all[0])}'.", nameof(Path), "Give files or folders in the folder of the checkpoint.", outside);
        }

        // A misspelled path would look like a file without a difference.
        HashSet<string>? known = null;
        if (unreadable is not null && Array.Find(given, path => !BoundedFile.IsThere(path) && !IsIn(unreadable, path)
            && !(known ??= new HashSet<string>(all.SelectMany(Names), PathSet.Names)).Contains(path)) is string missing)
        {
            throw new AmpValidationException(
                $"'{TerminalText.Name(missing)}' does not exist, and did not exist when the checkpoint was created.",
                nameof(Path),
                "Check the spelling. To list the files that are different, run Compare-AmpCheckpoint without a path.",
                missing);
        }

        HashSet<string> named = new(given, PathSet.Names);
        Pattern[] patterns = [.. (Path ?? []).Where(WildcardPattern.ContainsWildcardCharacters).Select(PatternOf)];
        return (
            [.. all.Where(difference => Names(difference).Any(IsChosen))],
            [.. (unreadable ?? []).Where(path => WithFolders(path).Any(IsChosen) || given.Any(chosen => IsIn([path], chosen)))]);

        bool IsChosen(string name) => named.Contains(name) || Array.Exists(patterns, pattern => pattern.Matches(name));
    }

    // The names of the differences have no links in them.
    private static string InRealFolder(string path)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(path);
        string name = System.IO.Path.GetFileName(full);
        return name is not ("." or "..") && System.IO.Path.GetDirectoryName(full) is string parent ? System.IO.Path.Combine(RealPath.Of(parent), name) : RealPath.Of(full);
    }

    private static string Root(FileDifference difference) => System.IO.Path.TrimEndingDirectorySeparator(difference.FullName[..^difference.Path.Length]);

    // Null for a path outside.
    private static string? RelativeIn(string folder, string path)
    {
        string relative = System.IO.Path.GetRelativePath(folder, path);
        return relative is not ".." && !relative.StartsWith(".." + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal) && !System.IO.Path.IsPathFullyQualified(relative)
            ? relative
            : null;
    }

    private static bool IsIn(IReadOnlyList<string> places, string path) => places.Any(place => RelativeIn(place, path) is not null);

    // The file by its names, and the folders in which it is.
    private static IEnumerable<string> Names(FileDifference difference) => difference.PreviousPath is string previous
        ? WithFolders(difference.FullName).Concat(WithFolders(System.IO.Path.Combine(Root(difference), previous.Replace('/', System.IO.Path.DirectorySeparatorChar))))
        : WithFolders(difference.FullName);

    private static IEnumerable<string> WithFolders(string path)
    {
        for (string? name = path; name is not null; name = System.IO.Path.GetDirectoryName(name))
        {
            yield return name;
        }
    }

    // As a user types it: the folder, which PowerShell resolves as it does without wildcards, and a pattern for what is in it.
    private Pattern PatternOf(string path)
    {
        string text = path.Replace('\\', '/').TrimEnd('/');
        string head = text[..text.IndexOfAny(s_wildcards)];
        int end = head.Contains('/', StringComparison.Ordinal) ? head.LastIndexOf('/') + 1 : head.LastIndexOf(':') + 1;
        return new Pattern(
            RealPath.Of(end > 0 ? ResolveFilePath(head[..end], nameof(Path)) : CurrentFolder()),
            new WildcardPattern(text[end..], WildcardOptions.CultureInvariant | (OperatingSystem.IsLinux() ? WildcardOptions.None : WildcardOptions.IgnoreCase)));
    }

    private sealed record Pattern(string Folder, WildcardPattern Wildcard)
    {
        // A star is everything in the folder, and neither what is next to it nor the folder itself.
        public bool Matches(string name) => RelativeIn(Folder, name) is string relative && relative is not "."
            && Wildcard.IsMatch(OperatingSystem.IsWindows() ? relative.Replace('\\', '/') : relative);
    }
}
