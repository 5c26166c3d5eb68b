namespace Amp;

/// <summary>A CLI that was found: the file, and how to start it. It was not started yet.</summary>
/// <param name="Path">The path where the file was found, before links and shims were resolved.</param>
/// <param name="FileName">The program to start: the CLI itself, or Node.js.</param>
/// <param name="Script">The JavaScript file for Node.js; null for other forms.</param>
/// <param name="Form">The kind of program.</param>
/// <param name="Source">The place where it was found.</param>
public sealed record CliProgram(string Path, string FileName, string? Script, CliForm Form, CliSource Source)
{
    /// <summary>The file that contains the CLI's code.</summary>
    public string Target => Script ?? FileName;
}

/// <summary>The kinds of CLI programs, which determine how they are started.</summary>
public enum CliForm
{
    /// <summary>A program for the system, started directly.</summary>
    Native,

    /// <summary>A JavaScript file, started with Node.js.</summary>
    Node,

    /// <summary>A script with its own interpreter, such as a wrapper of the user. It is started directly, and never on Windows.</summary>
    Script,
}

/// <summary>The places where a CLI is found, in search order.</summary>
public enum CliSource
{
    /// <summary>The path from the caller.</summary>
    Explicit,

    /// <summary>The environment variable <c>AMP_CLI_PATH</c>.</summary>
    EnvironmentVariable,

    /// <summary>A folder of <c>PATH</c>.</summary>
    SearchPath,

    /// <summary>A folder in the user's home folder that installers use.</summary>
    HomeFolder,
}
