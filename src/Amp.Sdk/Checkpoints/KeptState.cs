using System.Text.RegularExpressions;
using Amp.Files;

namespace Amp.Checkpoints;

/// <summary>A state of the work tree in the objects of a repository.</summary>
/// <param name="Tree">The name of the tree.</param>
/// <param name="Files">The number of files and links.</param>
/// <param name="Unreadable">The paths that cannot be read or added, relative to the root. Their contents are not in the tree.</param>
/// <param name="Repositories">The nested repositories and submodules, whose contents are not in the tree either.</param>
internal sealed partial record KeptState(string Tree, int Files, IReadOnlyList<string> Unreadable, IReadOnlyList<string> Repositories)
{
    private const int MostShown = 5;

    private static readonly string[] s_beginnings = ["error: ", "warning: ", "fatal: ", "hint: "];

    /// <summary>The paths whose contents are not in the tree.</summary>
    public IReadOnlyList<string> NotKept { get; } = [.. Unreadable, .. Repositories];

    /// <summary>What git named in its messages about what it could not read or add. A file name can make it name other files, which are in the tree.</summary>
    public IReadOnlyList<string> Reported { get; init; } = [];

    /// <summary>The ignored files and folders, if they were asked for. They are not in the tree either.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>Whether files belong to Git LFS, if it was asked for.</summary>
    public bool UsesLargeFiles { get; init; }

    /// <summary>What only its owner can use, if it was asked for (<see cref="RestoredModes.FindPrivate"/>).</summary>
    public IReadOnlyList<string> Private { get; init; } = [];

    /// <summary>Shows paths in a message, the first of many.</summary>
    public static string Shown(IReadOnlyList<string> paths) => string.Join(", ", paths.Take(MostShown).Select(TerminalText.Name))
        + (paths.Count > MostShown ? $", and {paths.Count - MostShown} more" : string.Empty);

    /// <summary>
    /// Gets from the messages of git the paths that it could not read or add, and the nested repositories without a commit; null if it reported another
    /// error. A file name can contain what looks like a message about another path.
    /// </summary>
    public static (IReadOnlyList<string> Unreadable, IReadOnlyList<string> Repositories)? NamedIn(string messages)
    {
        SortedSet<string> unreadable = new(StringComparer.Ordinal);
        SortedSet<string> repositories = new(StringComparer.Ordinal);
        foreach (string message in Separate(messages))
        {
            if (NamedPattern().Match(message) is { Success: true } match)
            {
                _ = match.Groups["repository"] is { Success: true } repository ? repositories.Add(repository.Value) : unreadable.Add(match.Groups["path"].Value);
            }
            else if (message.StartsWith("fatal:", StringComparison.Ordinal) || message.StartsWith("error:", StringComparison.Ordinal))
            {
                return null;
            }
        }

        return (unreadable.ToArray(), repositories.ToArray());
    }

    /// <summary>Returns whether this process cannot read a path either, or whether git adds no file of its name.</summary>
    /// <param name="root">The root of the work tree.</param>
    /// <param name="path">The path, relative to the root.</param>
    public static bool IsUnreadable(string root, string path)
    {
        string full = Path.GetFullPath(path.TrimEnd('/'), RealPath.Of(root));
        if (!string.Equals(RealPath.Of(full), full, RealPath.Comparison))
        {
            // A link can be read, and nothing below it is in the work tree.
            return false;
        }

        try
        {
            if (Directory.Exists(full))
            {
                _ = Directory.EnumerateFileSystemEntries(full).Any();
            }
            else
            {
                BoundedFile.Open(full).Dispose();
            }

            return RefusedPattern().IsMatch(path);
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            // What is gone is compared: it was deleted.
            return Path.Exists(full);
        }
    }

    /// <summary>Returns whether a path exists in the work tree, also if its name is not UTF-8.</summary>
    /// <param name="root">The root of the work tree.</param>
    /// <param name="path">The path, relative to the root.</param>
    public static bool IsThere(string root, string path)
    {
        string full = Path.GetFullPath(path.TrimEnd('/'), RealPath.Of(root));
        if (Path.GetDirectoryName(full) is not string parent || !string.Equals(RealPath.Of(parent), parent, RealPath.Comparison))
        {
            // Nothing below a link is in the work tree.
            return false;
        }

        try
        {
            if (BoundedFile.IsThere(full))
            {
                return true;
            }

            // .NET lists a name that is not UTF-8, but cannot open it.
            return full.Contains('\uFFFD', StringComparison.Ordinal) && (Directory.Exists(parent)
                ? Directory.EnumerateFileSystemEntries(parent).Any(entry => string.Equals(Path.GetFileName(entry), Path.GetFileName(full), RealPath.Comparison))
                : !BoundedFile.IsThere(parent) && IsThere(root, parent));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Its folder cannot be read, so it is not known to be gone.
            return true;
        }
    }

    /// <summary>Returns whether a path is a nested repository, so that git keeps nothing of what is in it.</summary>
    /// <param name="root">The root of the work tree.</param>
    /// <param name="path">The path, relative to the root.</param>
    /// <param name="kept">The paths of the files that git keeps, and of their folders.</param>
    public static bool IsRepository(string root, string path, HashSet<string> kept) =>
        BoundedFile.IsThere(Path.Combine(root, path, ".git")) && !kept.Contains(path.TrimEnd('/'));

    /// <summary>Returns whether the attributes of a repository give files to Git LFS.</summary>
    /// <param name="tree">The work tree.</param>
    /// <param name="files">The paths of its files, relative to the root.</param>
    public static bool NamesLargeFiles(WorkTree tree, IReadOnlyList<string> files)
    {
        return tree.ExcludeFile is string exclude
            && files.Where(path => path is ".gitattributes" || path.EndsWith("/.gitattributes", StringComparison.Ordinal))
                .Append(Path.Combine(Path.GetDirectoryName(exclude)!, "attributes"))
                .Any(path => NamesThem(Path.Combine(tree.Root, path)));

        static bool NamesThem(string path)
        {
            try
            {
                return File.Exists(path) && BoundedFile.ReadText(path).Contains("filter=lfs", StringComparison.Ordinal);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    /// <summary>Gets the paths that are not among others, and not in them.</summary>
    public static string[] Except(IReadOnlyList<string> paths, IReadOnlyList<string> others)
    {
        PathSet left = new(others);
        return [.. paths.Where(path => !left.Holds(path))];
    }

    /// <summary>
    /// Gets what an earlier state leaves out of a comparison. A nested repository that is none anymore must not hide the files that are in its place.
    /// </summary>
    /// <param name="notKept">What the earlier state does not contain.</param>
    /// <param name="ignored">What was ignored in it.</param>
    /// <param name="lost">Its nested repositories that are none anymore.</param>
    public static string[] Known(IReadOnlyList<string> notKept, IReadOnlyList<string> ignored, IReadOnlyList<string> lost) => [.. notKept.Except(lost), .. ignored];

    /// <summary>Gets what git could not read or add.</summary>
    /// <param name="known">What another state does not contain either.</param>
    public string[] ReportedExcept(IReadOnlyList<string> known) => Except(Reported, known);

    /// <summary>Gets the nested repositories and submodules.</summary>
    /// <param name="known">What another state does not contain either.</param>
    public string[] RepositoriesExcept(IReadOnlyList<string> known) => Except(Repositories, known);

    /// <summary>Gets the warnings about what is not kept.</summary>
    /// <param name="root">The root of the work tree.</param>
    public IEnumerable<string> Warnings(string root)
    {
        if (Reported.Count > 0)
        {
            yield return $"These files in '{root}' cannot be read or added by Git; the checkpoint does not contain them, and they will not be restored: {Shown(Reported)}.";
        }

        if (Repositories.Count > 0)
        {
            yield return $"These nested repositories and submodules in '{root}' are not part of the checkpoint, and will not be restored: {Shown(Repositories)}.";
        }

        if (UsesLargeFiles)
        {
            yield return $"Git LFS files in '{root}' are kept with their full content, and take up their full size in the repository.";
        }
    }

    // A name can contain line breaks.
    private static List<string> Separate(string messages)
    {
        List<string> separate = [];
        foreach (string line in messages.TrimEnd('\n').Split('\n'))
        {
            if (separate.Count == 0 || s_beginnings.Any(beginning => line.StartsWith(beginning, StringComparison.Ordinal)))
            {
                separate.Add(line);
            }
            else
            {
                separate[^1] += "\n" + line;
            }
        }

        return separate;
    }

    // Messages of git 2.25 to 2.50 in the C locale.
    [GeneratedRegex(
        """^(?:error: (?:open|readlink|opendir)\("(?<path>.+)"\)|warning: could not open directory '(?<path>.+)'|error: unable to (?:index file|stat) '(?<path>.+?)'|error: '(?<repository>.+)' does not have a commit checked out|error: (?:read error while indexing|short read while indexing|failed to insert into database) (?<path>.+?)|error: invalid path '(?<path>.+)'|error: unable to add '(?<path>.+)' to index|error: (?<path>.+): can only add regular files, symbolic links or git-directories)(?:: .*)?\z""",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex NamedPattern();

    // Names that Windows takes for .git, which git refuses on every system.
    [GeneratedRegex(@"(?:^|[/\\])(?:\.git|git~1)[. ]*(?:[/\\:]|\z)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex RefusedPattern();
}
