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

    private static readonly string[] s_beginnings = ["error: ", "warning: ", "fatal: ", "hint: "];

    /// <summary>The ignored files and folders, if they were asked for. They are not in the tree either.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>What only its owner can use, if it was asked for (<see cref="RestoredModes.FindPrivate"/>).</summary>
    public IReadOnlyList<string> Private { get; init; } = [];

    /// <summary>Shows paths in a message, the first of many.</summary>
    public static string Shown(IReadOnlyList<string> paths) => TerminalText.Strip(string.Join(", ", paths.Take(MostShown)))
        + (paths.Count > MostShown ? $", and {paths.Count - MostShown} more" : string.Empty);

    /// <summary>Gets the paths that git could not read from its messages; null if it reported another error.</summary>
    public static IReadOnlyList<string>? UnreadableOf(string messages)
    {
        SortedSet<string> paths = new(StringComparer.Ordinal);
        foreach (string message in Separate(messages))
        {
            if (UnreadablePattern().Match(message) is { Success: true } match)
            {
                paths.Add(match.Groups["path"].Value);
            }
            else if (message.StartsWith("fatal:", StringComparison.Ordinal) || message.StartsWith("error:", StringComparison.Ordinal))
            {
                return null;
            }
        }

        return [.. paths];
    }

    /// <summary>Gets the warnings about what is not kept.</summary>
    /// <param name="root">The root of the work tree.</param>
    public IEnumerable<string> Warnings(string root)
    {
        if (Unreadable.Count > 0)
        {
            yield return $"These files in '{root}' cannot be read or added by Git; the checkpoint does not contain them, and they will not be restored: {Shown(Unreadable)}.";
        }

        string[] repositories = [.. NotKept.Except(Unreadable)];
        if (repositories.Length > 0)
        {
            yield return $"These nested repositories and submodules in '{root}' are not part of the checkpoint, and will not be restored: {Shown(repositories)}.";
        }

        if (UsesLargeFiles(root))
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
        """^(?:error: (?:open|readlink|opendir)\("(?<path>.+)"\)|warning: could not open directory '(?<path>.+)'|error: unable to (?:index file|stat) '(?<path>.+?)'|error: '(?<path>.+)' does not have a commit checked out|error: (?:read error while indexing|short read while indexing|failed to insert into database) (?<path>.+?)|error: invalid path '(?<path>.+)'|error: unable to add '(?<path>.+)' to index|error: (?<path>.+): can only add regular files, symbolic links or git-directories)(?:: .*)?\z""",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex UnreadablePattern();
}
