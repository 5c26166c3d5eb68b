using Amp.Files;
using Amp.Settings;

namespace Amp.Cli;

/// <summary>
/// The folders from which programs are started only if the user names them: the working directory, the root of its repository, and
/// everything below them. If this is the user's home folder or one of its parents, it is not a project and contains the user's own
/// programs; then only the working directory itself and the folders of installed packages (<c>node_modules</c>) below it are excluded. The
/// same applies to the folder of Windows, in which tasks and services start by default.
/// </summary>
internal sealed class ProjectFolder
{
    private readonly string _workingDirectory;
    private readonly string? _home;
    private readonly string[] _roots;

    public ProjectFolder(string workingDirectory, IReadOnlyDictionary<string, string> environment)
    {
        _workingDirectory = RealPath.Of(workingDirectory);
        string? home = environment.GetValueOrDefault(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME");
        _home = home is { Length: > 0 } && Path.IsPathFullyQualified(home) ? RealPath.Of(home) : null;
        _roots = SettingsLocation.RepositoryRoot(_workingDirectory) is string root ? [_workingDirectory, RealPath.Of(root)] : [_workingDirectory];
    }

    /// <summary>Returns whether a folder of <c>PATH</c> belongs to the project.</summary>
    public bool Holds(string folder)
    {
        string real = RealPath.Of(folder);
        return real.Equals(_workingDirectory, RealPath.Comparison)
            || _roots.Any(root => IsIn(real, root) && (!IsOfTheUser(root) || real[root.Length..].Split(Path.DirectorySeparatorChar).Contains("node_modules")));
    }

    private bool IsOfTheUser(string root) => Path.GetPathRoot(root) == root || (_home is not null && IsIn(_home, root)) || IsOfWindows(root);

    private static bool IsOfWindows(string root) =>
        Environment.GetFolderPath(Environment.SpecialFolder.Windows) is { Length: > 0 } windows && IsIn(root, RealPath.Of(windows));

    private static bool IsIn(string path, string folder) => path.Equals(folder, RealPath.Comparison)
        || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, RealPath.Comparison);
}
