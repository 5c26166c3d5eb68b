using System.Text;
using System.Text.RegularExpressions;
using Amp.Files;

namespace Amp.Settings;

/// <summary>Locates the settings files of the CLI.</summary>
internal static partial class SettingsLocation
{
    /// <summary>
    /// Gets the user settings: the file in <c>AMP_SETTINGS_FILE</c>, or <c>amp/settings.json</c> in the configuration folder, or
    /// <c>settings.jsonc</c> next to it if only that file exists (as in all CLIs of early 2026). Null if the user has no home folder.
    /// </summary>
    /// <param name="environment">The environment variables of the CLI.</param>
    /// <param name="workingDirectory">The working directory of the CLI, against which it resolves a relative path in a variable.</param>
    public static string? OfUser(IReadOnlyDictionary<string, string> environment, string workingDirectory)
    {
        workingDirectory = Path.GetFullPath(workingDirectory);
        if (environment.GetValueOrDefault("AMP_SETTINGS_FILE") is { Length: > 0 } named)
        {
            return Path.GetFullPath(named, workingDirectory);
        }

        string? folder = environment.GetValueOrDefault("XDG_CONFIG_HOME") is { Length: > 0 } configuration
            ? configuration
            : environment.GetValueOrDefault(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") is { Length: > 0 } home
                ? Path.Combine(home, ".config")
                : null;
        string? place = folder is null ? null : Path.Combine(Path.GetFullPath(folder, workingDirectory), "amp");
        return place is null ? null : InFolder(place) ?? Path.Combine(place, "settings.json");
    }

    /// <summary>Gets the workspace settings; null if there are none.</summary>
    public static string? OfWorkspace(string workingDirectory) =>
        WorkspaceFile(workingDirectory) is string file && BoundedFile.IsThere(file) ? file : null;

    /// <summary>
    /// Gets the path of the workspace settings, whether or not they exist: <c>.amp/settings.json</c> in the working directory or the
    /// nearest parent folder, up to the root of the Git repository. If none has one, the path in the root. Outside a repository, only the
    /// working directory is used (as in all CLIs of 2026).
    /// </summary>
    /// <remarks>The CLI resolves links in its folder first, and keeps the path that it finds when it starts (2026-03-24).</remarks>
    public static string WorkspaceFile(string workingDirectory)
    {
        workingDirectory = RealPath.Of(workingDirectory);
        (string? root, string? uncertain) = FindRepository(workingDirectory);
        string? last = root ?? (uncertain is null ? workingDirectory : null);
        for (DirectoryInfo? folder = new(workingDirectory); folder is not null; folder = folder.Parent)
        {
            if (InFolder(Path.Combine(folder.FullName, ".amp")) is string found)
            {
                return found;
            }

            if (folder.FullName == last)
            {
                break;
            }
        }

        return Path.Combine(root ?? uncertain ?? workingDirectory, ".amp", "settings.json");
    }

    /// <summary>Gets the root of the Git repository that contains a folder; null if there is none.</summary>
    public static string? RepositoryRoot(string workingDirectory)
    {
        (string? root, string? uncertain) = FindRepository(workingDirectory);
        return root ?? uncertain;
    }

    // The root, and the first folder below it whose repository may have a parent of that folder as its work tree.
    private static (string? Root, string? Uncertain) FindRepository(string workingDirectory)
    {
        string? uncertain = null;
        for (DirectoryInfo? folder = new(workingDirectory); folder is not null; folder = folder.Parent)
        {
            string git = Path.Combine(folder.FullName, ".git");
            bool isFolder = Directory.Exists(git);
            if (isFolder ? !IsRepository(git) : !IsRegularFile(git))
            {
                continue;
            }

            // In a worktree and a submodule, it is a file. Every submodule names its work tree.
            if (!isFolder || !MayNameOther(git))
            {
                return (folder.FullName, uncertain);
            }

            uncertain ??= folder.FullName;
        }

        return (null, uncertain);
    }

    private static bool IsRegularFile(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return false;
            }

            // A pipe exists too.
            BoundedFile.Open(path).Dispose();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Git passes over a folder that lacks one of these. It reads as much of HEAD, and does not follow a link there.
    private static bool IsRepository(string git)
    {
        if (!Directory.Exists(Path.Combine(git, "objects")) || !Directory.Exists(Path.Combine(git, "refs")))
        {
            return false;
        }

        try
        {
            string head = Path.Combine(git, "HEAD");
            return new FileInfo(head).LinkTarget is string target
                ? target.StartsWith("refs/", StringComparison.Ordinal)
                : HeadPattern().IsMatch(Encoding.Latin1.GetString(BoundedFile.ReadStart(head, 255)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // The configuration can name another work tree (core.worktree). With commondir, a part of it is elsewhere.
    private static bool MayNameOther(string git)
    {
        try
        {
            return BoundedFile.IsThere(Path.Combine(git, "commondir"))
                || ((string[])["config", "config.worktree"]).Select(name => Path.Combine(git, name))
                    .Any(file => BoundedFile.IsThere(file) && WorkTreePattern().IsMatch(Encoding.Latin1.GetString(BoundedFile.Read(file))));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static string? InFolder(string folder) =>
        ((string[])["settings.json", "settings.jsonc"]).Select(name => Path.Combine(folder, name)).FirstOrDefault(BoundedFile.IsThere);

    [GeneratedRegex(@"^(ref:[ \t]*refs/|[0-9a-fA-F]{40})", RegexOptions.CultureInvariant)]
    private static partial Regex HeadPattern();

    // extensions.worktreeConfig, which sparse checkouts have, names none.
    [GeneratedRegex("worktree(?!c)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WorkTreePattern();
}
