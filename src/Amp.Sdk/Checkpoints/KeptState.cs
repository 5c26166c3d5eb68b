using System.Text.RegularExpressions;
using Amp.Text;

namespace Amp.Checkpoints;

/// <summary>A state of the work tree in the objects of a repository.</summary>
/// <param name="Tree">The name of the tree.</param>
/// <param name="Files">The number of files and links.</param>
/// <param name="NotKept">The paths whose contents are not in the tree, relative to the root.</param>
/// <param name="Unreadable">Those of them that could not be read.</param>
internal sealed partial record KeptState(string Tree, int Files, IReadOnlyList<string> NotKept, IReadOnlyList<string> Unreadable)
{
    private const int MostShown = 5;

    /// <summary>Gets the paths that git could not read from its messages; null if it reported another error.</summary>
    public static IReadOnlyList<string>? UnreadableOf(string messages)
    {
        SortedSet<string> paths = new(StringComparer.Ordinal);
        foreach (string line in messages.Split('\n'))
        {
            if (UnreadablePattern().Match(line) is { Success: true } match)
            {
                paths.Add(match.Groups["path"].Value);
            }
            else if (line.StartsWith("fatal:", StringComparison.Ordinal))
            {
                return null;
            }
        }

        return [.. paths];
    }

    /// <summary>Returns whether the content of a path is not in the tree.</summary>
    public static bool Holds(IReadOnlyList<string> notKept, string path) => notKept.Any(other =>
        path == other || path.StartsWith(other.EndsWith('/') ? other : other + "/", StringComparison.Ordinal) || path + "/" == other);

    /// <summary>Gets the warnings about what is not kept.</summary>
    /// <param name="root">The root of the work tree.</param>
    public IEnumerable<string> Warnings(string root)
    {
        if (Unreadable.Count > 0)
        {
            yield return $"These files in '{root}' cannot be read; the checkpoint does not contain them, and they will not be restored: {Shown(Unreadable)}.";
        }

        string[] repositories = [.. NotKept.Except(Unreadable)];
        if (repositories.Length > 0)
        {
            yield return $"These nested repositories and submodules in '{root}' are not part of the checkpoint, and will not be restored: {Shown(repositories)}.";
        }

        if (UsesLargeFiles(root))
        {
            yield return $"Files of Git LFS in '{root}' are kept as they are, and take their whole size in the repository.";
        }
    }

    private static string Shown(IReadOnlyList<string> paths) => TerminalText.Strip(string.Join(", ", paths.Take(MostShown)))
        + (paths.Count > MostShown ? $", and {paths.Count - MostShown} more" : string.Empty);

    private static bool UsesLargeFiles(string root)
    {
        try
        {
            string path = Path.Combine(root, ".gitattributes");
            return File.Exists(path) && Amp.Files.BoundedFile.ReadText(path).Contains("filter=lfs", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Messages of git 2.25 to 2.50 in the C locale.
    [GeneratedRegex(
        """^(?:error: (?:open|readlink|opendir)\("(?<path>.+)"\)|warning: could not open directory '(?<path>.+)'|error: unable to (?:index file|stat) '(?<path>.+?)'|error: '(?<path>.+)' does not have a commit checked out|error: (?:read error while indexing|short read while indexing|failed to insert into database) (?<path>.+?))(?:: .*)?$""",
        RegexOptions.CultureInvariant)]
    private static partial Regex UnreadablePattern();
}
