using System.Text;
using Amp.Files;

namespace Amp.Checkpoints;

/// <summary>The folder whose state is kept, and the repository that it belongs to.</summary>
/// <param name="Root">The full path: the root of the work tree, or the working folder if it is in no repository.</param>
internal sealed record WorkTree(string Root)
{
    /// <summary>The setting with which git runs no hook.</summary>
    public static readonly string NoHooks = $"core.hooksPath={(OperatingSystem.IsWindows() ? "NUL" : "/dev/null")}";

    // Files are kept as they are here, whether the repository tracks modes and links or not. On Windows, Git has other defaults for both.
    private static readonly string[] s_settings =
        ["excludesfile", "ignorecase", "precomposeunicode", "sharedrepository", .. OperatingSystem.IsWindows() ? (string[])["filemode", "symlinks"] : []];

    /// <summary>The full path of the working folder.</summary>
    public string Folder { get; private init; } = Root;

    /// <summary>The folder of the repository's objects; null outside a repository.</summary>
    public string? ObjectFolder { get; private init; }

    /// <summary>The repository's own list of ignored files, which may not exist.</summary>
    public string? ExcludeFile { get; private init; }

    /// <summary>The user's index, which is only read and may not exist.</summary>
    public string? IndexFile { get; private init; }

    /// <summary>The format of the names of objects: <c>sha1</c> or <c>sha256</c>.</summary>
    public string ObjectFormat { get; private init; } = "sha1";

    /// <summary>Identifies one of several work trees of a repository, wherever the repository is moved.</summary>
    public string Place { get; private init; } = ".";

    /// <summary>The settings of the repository and of the user that decide which files there are.</summary>
    public IReadOnlyList<string> Settings { get; private init; } = [];

    /// <summary>Whether the folder belongs to a repository.</summary>
    public bool IsRepository => ObjectFolder is not null;

    /// <summary>Finds the work tree of a folder.</summary>
    /// <exception cref="AmpException">The folder has no files to keep, or git failed.</exception>
    public static async Task<WorkTree> FindAsync(GitProgram git, string workingDirectory, CancellationToken cancellationToken)
    {
        GitCall find = Call(
            workingDirectory, "rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--show-object-format", "--git-path", "objects",
            "--git-path", "info/exclude", "--git-path", "index", "--git-common-dir", "--show-toplevel") with
        {
            IsAnswer = static code => code == 128,
        };
        Task<GitAnswer> settings = git.RunAsync(
            Call(workingDirectory, "config", "-z", "--get-regexp", $"^core\\.({string.Join('|', s_settings)})$") with { IsAnswer = static _ => true }, cancellationToken);
        GitAnswer answer = await git.RunAsync(find, cancellationToken).ConfigureAwait(false);
        string[] lines = answer.Text.Split('\n');
        string[] found = [.. SettingsOf(await settings.ConfigureAwait(false))];
        string folder = RealPath.OnDisk(workingDirectory);
        if (answer.ExitCode != 0 && answer.StandardError.Contains("not a git repository", StringComparison.Ordinal))
        {
            return new WorkTree(folder) { Settings = found };
        }

        if (lines.Length > 1 && lines[1] == "false")
        {
            throw new AmpValidationException(
                $"'{workingDirectory}' is in a bare repository or in a .git folder, which has no work tree with files to keep.",
                AmpOptionName.Checkpoint,
                "Work in a work tree of the repository, or omit AmpOptions.Checkpoint.",
                workingDirectory);
        }

        if (answer.ExitCode != 0 || lines.Length != 8)
        {
            throw new AmpProcessException(
                $"The repository of '{workingDirectory}' cannot be read.{Processes.StandardErrorTail.Quoted(answer.StandardError)}",
                AmpErrorId.CheckpointFailed,
                "Use Git 2.31 or later and a folder name without line breaks, and read what git wrote.")
            {
                StandardError = answer.StandardError,
            };
        }

        string[] paths = [.. lines[3..].Select(path => Path.GetFullPath(path, workingDirectory))];
        WorkTree tree = new(await RootAsync(git, workingDirectory, folder, paths[4], cancellationToken).ConfigureAwait(false))
        {
            Folder = folder,
            ObjectFolder = paths[0],
            ExcludeFile = paths[1],
            IndexFile = paths[2],
            ObjectFormat = lines[2],
            Place = Path.GetRelativePath(paths[3], Path.GetDirectoryName(paths[2])!).Replace('\\', '/'),
            Settings = found,
        };

        // What is ignored there would not be kept at all, and belongs to no project.
        return await IsIgnoredAsync(git, tree.Root, folder, cancellationToken).ConfigureAwait(false)
            ? new WorkTree(folder) { Settings = found }
            : tree;
    }

    /// <summary>A command in the repository of a folder, without its hooks and monitors.</summary>
    public static GitCall Call(string folder, string name, params string[] arguments) => new(
        folder,
        ["-c", "core.fsmonitor=false", "-c", NoHooks, "-c", "core.logAllRefUpdates=false", "-c", "gc.auto=0", name, .. arguments])
    {
        Name = name,
    };

    /// <summary>Returns whether a folder is in another folder, and is not that folder itself.</summary>
    /// <param name="folder">The full path of the folder.</param>
    /// <param name="root">The full path of the other folder. A drive, such as <c>Z:\</c>, and the root <c>/</c> end with a separator.</param>
    /// <param name="comparison">How paths are compared.</param>
    public static bool IsBelow(string folder, string root, StringComparison comparison) =>
        folder.Length > root.Length && folder.StartsWith(root is "/" || root.EndsWith('\\') ? root : root + Path.DirectorySeparatorChar, comparison);

    /// <summary>Gets the folder that a relative path leads down from; null if the path does not lead to the other folder.</summary>
    /// <param name="folder">The full path to which it leads.</param>
    /// <param name="prefix">The relative path as git writes it, such as <c>src/lib/</c>; empty for the folder itself.</param>
    public static string? Above(string folder, string prefix)
    {
        string? place = Path.TrimEndingDirectorySeparator(folder);
        foreach (string name in prefix.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            if (!string.Equals(Path.GetFileName(place), name, RealPath.Comparison))
            {
                return null;
            }

            place = Path.GetDirectoryName(place);
        }

        return place;
    }

    // The setting core.worktree of a repository that somebody else made could name any folder, such as the user's home folder.
    private static async Task<string> RootAsync(GitProgram git, string workingDirectory, string folder, string root, CancellationToken cancellationToken)
    {
        string? own = folder;
        while (own is not null && !File.Exists(Path.Combine(own, ".git")) && !File.Exists(Path.Combine(own, ".git", "HEAD")))
        {
            own = Path.GetDirectoryName(own);
        }

        if (own is not null && string.Equals(own, RealPath.Of(root), RealPath.Comparison))
        {
            return root;
        }

        if (own is not null && OperatingSystem.IsWindows())
        {
            // On a mapped or substituted drive, git names the root by the target of the drive. The path below the root is the same.
            GitAnswer prefix = await git.RunAsync(Call(workingDirectory, "rev-parse", "--show-prefix"), cancellationToken).ConfigureAwait(false);
            if (Above(Path.GetFullPath(workingDirectory), prefix.Text) is string above && string.Equals(own, RealPath.Of(above), RealPath.Comparison))
            {
                return own;
            }
        }

        throw new AmpValidationException(
            $"The repository of '{folder}' has another folder as its work tree: '{root}'. A checkpoint can only contain the folder that contains .git.",
            AmpOptionName.Checkpoint,
            "Work in the folder that contains .git, remove the setting core.worktree, or omit AmpOptions.Checkpoint.",
            folder);
    }

    private static async Task<bool> IsIgnoredAsync(GitProgram git, string root, string folder, CancellationToken cancellationToken)
    {
        if (!IsBelow(folder, root, RealPath.Comparison))
        {
            return false;
        }

        // Git may name the root in another way than the caller. The dot keeps a name with a colon from being more than a name.
        string relative = "./" + Path.GetRelativePath(root, folder).Replace(Path.DirectorySeparatorChar, '/');
        GitAnswer answer = await git.RunAsync(
            Call(root, "check-ignore", "-q", "--", relative) with { IsAnswer = static code => code == 1 }, cancellationToken).ConfigureAwait(false);
        return answer.ExitCode == 0;
    }

    // "core.filemode\nfalse"
    private static IEnumerable<string> SettingsOf(GitAnswer answer) =>
        answer.Parts().Select(part => Encoding.UTF8.GetString(part).Split('\n', 2)).Select(setting => setting.Length == 2 ? $"{setting[0]}={setting[1]}" : setting[0]);
}
