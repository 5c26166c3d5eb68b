using System.Runtime.InteropServices;

namespace Amp.Testing;

/// <summary>Where the tests find what the repository holds and builds.</summary>
public static class RepositoryLayout
{
    /// <summary>The folder with <c>Amp.PowerShell.sln</c>, found upwards from the test assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The recorded <c>--stream-json</c> outputs, one file a case.</summary>
    public static string Transcripts => Path.Combine(Root, "tests", "transcripts");

    /// <summary>The fake CLI, built beside the tests in the same configuration.</summary>
    public static string FakeCli => Path.Combine(
        Root, "tests", "Amp.FakeCli", "bin", Configuration, "net8.0",
        OperatingSystem.IsWindows() ? "Amp.FakeCli.exe" : "Amp.FakeCli");

    /// <summary>The soak, built beside the tests in the same configuration.</summary>
    public static string Soak => Path.Combine(
        Root, "tests", "Amp.Soak", "bin", Configuration, "net8.0",
        OperatingSystem.IsWindows() ? "Amp.Soak.exe" : "Amp.Soak");

    /// <summary>A library of <c>src</c>, built in the same configuration, with its symbols beside it.</summary>
    public static string BuiltLibrary(string name) => Path.Combine(Root, "src", name, "bin", Configuration, "net8.0", $"{name}.dll");

    /// <summary>The program file of a real CLI of <c>tests/cli</c>, or null where <c>npm ci</c> has not installed it.</summary>
    public static string? RealCli(RealCliBuild build)
    {
        string folder = Path.Combine(Root, "tests", "cli", "node_modules");
        string path = build switch
        {
            RealCliBuild.January2026 => Path.Combine(folder, "amp-2026-01-08", "dist", "main.js"),
            RealCliBuild.LateJanuary2026 => Path.Combine(folder, "amp-2026-01-26", "dist", "main.js"),
            RealCliBuild.March2026 => Path.Combine(folder, "amp-2026-03-24", "dist", "main.js"),
            RealCliBuild.May2026 => Path.Combine(folder, "amp-2026-05-04", "dist", "main.js"),
            RealCliBuild.September2026 => NativeCli(folder),
            _ => throw new ArgumentOutOfRangeException(nameof(build)),
        };
        return File.Exists(path) ? path : null;
    }

    /// <summary>The ripgrep of <c>tests/cli</c>, which the CLIs' search tools run, or null where <c>npm ci</c> has not installed it.</summary>
    public static string? Ripgrep
    {
        get
        {
            string path = Path.Combine(
                Root, "tests", "cli", "node_modules", "@vscode", $"ripgrep-{PlatformOfPackages}", "bin",
                OperatingSystem.IsWindows() ? "rg.exe" : "rg");
            return File.Exists(path) ? path : null;
        }
    }

    private static string PlatformOfPackages
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
            return $"{system}-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";
        }
    }

    // The package's own bin/amp.exe is put in place by an install script, which npm does not run unasked;
    // the platform's package beside it always holds the program.
    private static string NativeCli(string folder) => Path.Combine(
        folder, "@ampcode", $"cli-{PlatformOfPackages}", OperatingSystem.IsWindows() ? "amp.exe" : "amp");

    private static string Configuration =>
#if DEBUG
        "Debug";
#else
        "Release";
#endif

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Amp.PowerShell.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Amp.PowerShell.sln.");
    }
}

/// <summary>The builds of the real CLI that <c>tests/cli/package.json</c> pins.</summary>
public enum RealCliBuild
{
    /// <summary>0.0.1767830505-ga62310 of 2026-01-08, run by Node.</summary>
    January2026,

    /// <summary>0.0.1769425000-g1e5104 of 2026-01-26, run by Node: the one that passes a system prompt of the settings on.</summary>
    LateJanuary2026,

    /// <summary>0.0.1774310664-gcb98ac of 2026-03-24, run by Node.</summary>
    March2026,

    /// <summary>0.0.1777897475-g2324e1 of 2026-05-04, run by Node: the last one that runs the agent loop itself.</summary>
    May2026,

    /// <summary>0.0.1790142911-g7618fb of 2026-09-23, a native program; the service runs its agent loop.</summary>
    September2026,
}
