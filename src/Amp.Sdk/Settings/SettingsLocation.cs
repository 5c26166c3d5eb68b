using Amp.Files;

namespace Amp.Settings;

/// <summary>Finds the settings files that the CLI would read.</summary>
internal static class SettingsLocation
{
    /// <summary>
    /// The user's: what <c>AMP_SETTINGS_FILE</c> names, or <c>amp/settings.json</c> below the configuration folder, or, where only
    /// that is there, <c>settings.jsonc</c> beside it (as all CLIs of early 2026 do). Null where the user has no home.
    /// </summary>
    public static string? OfUser(IReadOnlyDictionary<string, string> environment)
    {
        if (environment.GetValueOrDefault("AMP_SETTINGS_FILE") is { Length: > 0 } named)
        {
            return named;
        }

        string? folder = environment.GetValueOrDefault("XDG_CONFIG_HOME") is { Length: > 0 } configuration
            ? configuration
            : environment.GetValueOrDefault(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") is { Length: > 0 } home
                ? Path.Combine(home, ".config")
                : null;
        return folder is null ? null : InFolder(Path.Combine(folder, "amp")) ?? Path.Combine(folder, "amp", "settings.json");
    }

    /// <summary>The workspace's; null where there is none.</summary>
    public static string? OfWorkspace(string workingDirectory) =>
        WorkspaceFile(workingDirectory) is string file && BoundedFile.IsThere(file) ? file : null;

    /// <summary>
    /// The workspace's, whether it is there or not: <c>.amp/settings.json</c> in the working directory or the nearest folder above it,
    /// up to the root of the git repository; where none has one, that of the root. Outside of a repository the working directory
    /// alone counts (as on all CLIs of 2026).
    /// </summary>
    public static string WorkspaceFile(string workingDirectory)
    {
        workingDirectory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(workingDirectory));
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

    /// <summary>The root of the git repository that a folder is in; null where it is in none.</summary>
    /// <remarks>In a worktree, .git is a file.</remarks>
    public static string? RepositoryRoot(string workingDirectory)
    {
        for (DirectoryInfo? folder = new(workingDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Exists(Path.Combine(folder.FullName, ".git")))
            {
                return folder.FullName;
            }
        }

        return null;
    }

    private static string? InFolder(string folder) =>
        ((string[])["settings.json", "settings.jsonc"]).Select(name => Path.Combine(folder, name)).FirstOrDefault(BoundedFile.IsThere);
}
