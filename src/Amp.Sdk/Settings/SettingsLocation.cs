using Amp.Files;

namespace Amp.Settings;

/// <summary>Locates the settings files of the CLI.</summary>
internal static class SettingsLocation
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
        string root = RepositoryRoot(workingDirectory) ?? workingDirectory;
        for (DirectoryInfo? folder = new(workingDirectory); folder is not null; folder = folder.Parent)
        {
            if (InFolder(Path.Combine(folder.FullName, ".amp")) is string found)
            {
                return found;
            }

            if (folder.FullName == root)
            {
                break;
            }
        }

        return Path.Combine(root, ".amp", "settings.json");
    }

    /// <summary>Gets the root of the Git repository that contains a folder; null if there is none.</summary>
    public static string? RepositoryRoot(string workingDirectory)
    {
        for (DirectoryInfo? folder = new(workingDirectory); folder is not null; folder = folder.Parent)
        {
            if (IsRepository(Path.Combine(folder.FullName, ".git")))
            {
                return folder.FullName;
            }
        }

        return null;
    }

    // In a worktree, it is a file. Git passes over a folder that lacks one of these, which is no repository.
    private static bool IsRepository(string git) => File.Exists(git)
        || (BoundedFile.IsThere(Path.Combine(git, "HEAD")) && Directory.Exists(Path.Combine(git, "objects")) && Directory.Exists(Path.Combine(git, "refs")));

    private static string? InFolder(string folder) =>
        ((string[])["settings.json", "settings.jsonc"]).Select(name => Path.Combine(folder, name)).FirstOrDefault(BoundedFile.IsThere);
}
