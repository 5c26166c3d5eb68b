namespace Amp;

/// <summary>A CLI that was found: the file, and how it is started. It has not been run yet.</summary>
/// <param name="Path">The file as it was found, before links and shims were followed.</param>
/// <param name="FileName">The program to start: the CLI itself, or Node.js.</param>
/// <param name="Script">The JavaScript file that Node.js is given; null for other forms.</param>
/// <param name="Form">What kind of program it is.</param>
/// <param name="Source">Where it was found.</param>
public sealed record CliProgram(string Path, string FileName, string? Script, CliForm Form, CliSource Source)
{
    /// <summary>The file that holds the CLI's code.</summary>
    public string Target => Script ?? FileName;
}

/// <summary>What kind of program a CLI is, which decides how it is started.</summary>
public enum CliForm
{
    /// <summary>A program of the system's own kind, started directly.</summary>
    Native,

    /// <summary>A JavaScript file, started through Node.js.</summary>
    Node,

    /// <summary>A script with an interpreter of its own, such as a wrapper of the user's; started directly, never on Windows.</summary>
    Script,
}

/// <summary>Where a CLI was found; the order of the values is the order in which it is looked for.</summary>
public enum CliSource
{
    /// <summary>The path that the caller gave.</summary>
    Explicit,

    /// <summary>The environment variable <c>AMP_CLI_PATH</c>.</summary>
    EnvironmentVariable,

    /// <summary>A folder of <c>PATH</c>.</summary>
    SearchPath,

    /// <summary>One of the folders in the user's home in which installers put the CLI.</summary>
    HomeFolder,
}
