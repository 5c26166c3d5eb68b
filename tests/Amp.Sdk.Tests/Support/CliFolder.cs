using Amp.Cli;

namespace Amp.Sdk.Tests.Support;

/// <summary>A folder of made-up programs for the locator to find, and the variables that lead it there.</summary>
internal sealed class CliFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("amp-test-").FullName;

    public CliFolder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Paths and modes of these tests are those of Unix.");
        Project = Directory.CreateDirectory(PathOf("project")).FullName;
        Environment["HOME"] = Environment["USERPROFILE"] = PathOf("home");
        Environment["PATH"] = PathOf("bin");
    }

    public Dictionary<string, string> Environment { get; } = [];

    public string Project { get; }

    public string PathOf(string relative) => Path.Combine(_root, relative);

    /// <summary>Makes a file, by default one that the system could start.</summary>
    public string File(string relative, string content = "\u007fELF", bool isExecutable = true)
    {
        string path = PathOf(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(path, isExecutable
                ? UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                : UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    public string Link(string relative, string target)
    {
        string path = PathOf(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.CreateSymbolicLink(path, target);
        return path;
    }

    public string Node() => File("node/node");

    public CliProgram Find(string? explicitPath = null, bool isWindows = false) =>
        new CliLocator(Environment, Project, isWindows).Find(explicitPath);

    public AmpCliNotFoundException FindNothing(string? explicitPath = null, bool isWindows = false)
    {
        AmpCliNotFoundException error = Assert.Throws<AmpCliNotFoundException>(() => Find(explicitPath, isWindows));
        Assert.Equal(AmpErrorId.CliNotFound, error.ErrorId);
        Assert.NotEmpty(error.RecommendedAction!);
        return error;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
