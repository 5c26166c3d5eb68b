using Amp.Files;
using Amp.Settings;

namespace Amp.Cli;

/// <summary>
/// The folders from which nothing is started that nobody has named: the working directory, the root of its repository, and all below them.
/// Where that is the user's home, or a folder above it, it is not a project, and the user's own programs are there; then only the working
/// directory itself and the folders of installed packages (<c>node_modules</c>) below it are left out.
/// </summary>
internal sealed class ProjectFolder
{
    private static readonly StringComparison s_comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

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

    /// <summary>Whether a folder of <c>PATH</c> is the project's.</summary>
    public bool Holds(string folder)
    {
        string real = RealPath.Of(folder);
        return real.Equals(_workingDirectory, s_comparison)
            || _roots.Any(root => IsIn(real, root) && (!IsOfTheUser(root) || real[root.Length..].Split(Path.DirectorySeparatorChar).Contains("node_modules")));
    }

    private bool IsOfTheUser(string root) => Path.GetPathRoot(root) == root || (_home is not null && IsIn(_home, root));

    private static bool IsIn(string path, string folder) => path.Equals(folder, s_comparison)
        || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, s_comparison);
}
