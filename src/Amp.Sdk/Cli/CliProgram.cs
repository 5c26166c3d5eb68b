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
