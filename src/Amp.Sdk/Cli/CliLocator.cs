using Amp.Files;

namespace Amp.Cli;

/// <summary>
/// Finds the Amp CLI: the given path, <c>AMP_CLI_PATH</c>, the folders of <c>PATH</c>, the installers' folders. This class searches
/// <c>PATH</c> itself, because the system would also search the current folder, where anyone who can write to a project could place an
/// <c>amp</c>.
/// </summary>
internal sealed class CliLocator
{
    private const string InstallAdvice =
        "Install it with 'npm install -g @ampcode/cli', or with CliInstaller.InstallAsync (see https://ampcode.com/manual), or give its path with AMP_CLI_PATH or CliOptions.CliPath.";

    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly string _workingDirectory;
    private readonly ProjectFolder _project;
    private readonly bool _isWindows;

    public CliLocator(IReadOnlyDictionary<string, string> environment, string workingDirectory, bool? isWindows = null)
    {
        _environment = environment;
        _workingDirectory = Path.TrimEndingDirectorySeparator(workingDirectory);
        _project = new ProjectFolder(_workingDirectory, environment);
        _isWindows = isWindows ?? OperatingSystem.IsWindows();
    }

    /// <summary>Finds the CLI without starting anything.</summary>
    /// <param name="explicitPath">The path from the caller. A relative path is resolved against the current directory.</param>
    /// <exception cref="AmpCliNotFoundException">No CLI was found, or the given file cannot be started.</exception>
    public CliProgram Find(string? explicitPath)
    {
        if (!string.IsNullOrEmpty(explicitPath))
        {
            return Resolve(Path.GetFullPath(explicitPath), CliSource.Explicit);
        }

        if (_environment.GetValueOrDefault("AMP_CLI_PATH") is { Length: > 0 } fromEnvironment)
        {
            if (!Path.IsPathFullyQualified(fromEnvironment))
            {
                throw new AmpCliNotFoundException(
                    $"AMP_CLI_PATH is '{fromEnvironment}', which is not a full path.",
                    "Set AMP_CLI_PATH to the full path of the Amp CLI.",
                    fromEnvironment);
            }

            return Resolve(fromEnvironment, CliSource.EnvironmentVariable);
        }

        List<string> looked = [];
        foreach (string folder in SearchPath())
        {
            looked.Add(folder);
            if (FirstProgram(folder) is string found)
            {
                return Resolve(found, CliSource.SearchPath);
            }
        }

        foreach (string folder in HomeFolders())
        {
            looked.Add(folder);
            if (FirstProgram(folder) is string found)
            {
                return Resolve(found, CliSource.HomeFolder);
            }
        }

        throw new AmpCliNotFoundException(
            $"The Amp CLI was not found. Searched for 'amp' in: {string.Join(", ", looked)}.", InstallAdvice);
    }

    // Relative entries, "" and "." mean the current folder. Folders below the project belong to it, even if they are on PATH: npm's scripts
    // and direnv put its node_modules/.bin first.
    private IEnumerable<string> SearchPath()
    {
        string path = _environment.GetValueOrDefault("PATH") ?? string.Empty;
        foreach (string entry in path.Split(_isWindows ? ';' : ':', StringSplitOptions.RemoveEmptyEntries))
        {
            string folder = Path.TrimEndingDirectorySeparator(entry.Trim('"'));
            if (Path.IsPathFullyQualified(folder) && !_project.Holds(folder))
            {
                // This checks the same file that the system starts.
                yield return RealPath.GoesUp(folder) ? RealPath.Of(folder) : folder;
            }
        }
    }

    private IEnumerable<string> HomeFolders()
    {
        string? home = _environment.GetValueOrDefault(_isWindows ? "USERPROFILE" : "HOME");
        if (home is { Length: > 0 } && Path.IsPathFullyQualified(home))
        {
            yield return Path.Combine(home, ".amp", "bin");
            yield return Path.Combine(home, ".local", "bin");
        }

        if (InstallFolder.Default(_environment) is string installed)
        {
            yield return Path.Combine(installed, "bin");
        }
    }

    private string? FirstProgram(string folder)
    {
        foreach (string name in _isWindows ? (string[])["amp.exe", "amp.cmd", "amp.bat", "amp.ps1", "amp"] : ["amp"])
        {
            string file = Path.Combine(folder, name);
            if (CliFile.Exists(file) && (_isWindows || IsExecutable(file)))
            {
                return file;
            }
        }

        return null;
    }

    private CliProgram Resolve(string path, CliSource source)
    {
        if (!CliFile.Exists(path))
        {
            throw new AmpCliNotFoundException(
                Directory.Exists(path)
                    ? $"'{path}' is a folder, not the Amp CLI."
                    : $"The Amp CLI does not exist at '{path}'{Origin(source)}.",
                "Give the path of the 'amp' program itself, or omit it to search for the CLI.",
                path);
        }

        string target = CliFile.FollowLinks(path);
        CliFileKind kind = CliFile.Classify(target, _isWindows);
        // Started with the name that was found, because a version manager's program uses that name.
        string program = path;
        if (kind == CliFileKind.Shim)
        {
            if (CliShim.ReadTarget(target) is string behind)
            {
                program = target = behind;
                kind = CliFile.Classify(target, _isWindows);
            }
            else if (!_isWindows && CliFile.HasInterpreter(target))
            {
                // A script of the user that looks like a shim.
                kind = CliFileKind.Script;
            }
            else
            {
                throw new AmpCliNotFoundException(
                    $"'{path}' is a script that starts another program, and that program could not be determined.",
                    "Give the path of the CLI itself: 'bin/amp.exe' or 'dist/main.js' in the folder of its npm package.",
                    path);
            }
        }

        switch (kind)
        {
            case CliFileKind.JavaScript:
                return new CliProgram(path, FindNode(path), target, CliForm.Node, source);
            case CliFileKind.Native or CliFileKind.Script when _isWindows || IsExecutable(target):
                return new CliProgram(
                    path, program, null, kind == CliFileKind.Native ? CliForm.Native : CliForm.Script, source);
            case CliFileKind.Native or CliFileKind.Script:
                throw new AmpCliNotFoundException(
                    $"'{target}' cannot be executed: its mode does not allow it.",
                    $"Make it executable with: chmod +x '{target}'",
                    path);
            default:
                throw new AmpCliNotFoundException(
                    $"'{target}' is not a program that can be started.",
                    "Batch files and other scripts are not started, because a shell would interpret the arguments again. "
                        + "Give the path of the 'amp' program itself.",
                    path);
        }
    }

    /// <summary>Finds the first program with one of these names in a folder of <c>PATH</c>; null if there is none.</summary>
    public string? FindOnPath(params string[] names) => SearchPath()
        .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(file => CliFile.Exists(file) && (_isWindows || IsExecutable(file)));


    private string FindNode(string cli) =>
        FindOnPath(_isWindows ? "node.exe" : "node") ?? throw new AmpCliNotFoundException(
            $"The Amp CLI at '{cli}' is a JavaScript program, and Node.js was not found on PATH.",
            "Install Node.js 20 or later (https://nodejs.org), or install a native Amp CLI with 'npm install -g @ampcode/cli'.",
            cli);

    private static string Origin(CliSource source) => source == CliSource.EnvironmentVariable ? ", which AMP_CLI_PATH names" : "";

    private static bool IsExecutable(string file) => OperatingSystem.IsWindows()
        || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
