using Amp.Processes;

namespace Amp.Plans;

/// <summary>One argument of a run.</summary>
/// <param name="Text">The argument, or what stands before the path of its file.</param>
/// <param name="FileName">The private file that the argument is about; null for other arguments.</param>
/// <param name="Otherwise">The path that is given where the run has no such file; null where the argument is left out then.</param>
/// <remarks>What is in a file is known only when the run's services are open, and then whether the run has it.</remarks>
internal readonly record struct RunArgument(string Text, string? FileName = null, string? Otherwise = null)
{
    /// <summary>The name of the file with the settings.</summary>
    public const string SettingsName = "settings.json";

    /// <summary>The name of the file with the MCP servers.</summary>
    public const string McpConfigName = "mcp.json";

    /// <summary>The argument of a run that has its folder; null where the run gives none.</summary>
    /// <param name="files">The files that the run has.</param>
    /// <param name="folder">Where they are.</param>
    public string? In(IReadOnlyList<PrivateFile> files, string? folder)
    {
        string? name = FileName;
        return name is null ? Text : WithPath(files.Any(file => file.Name == name) ? Path.Combine(folder!, name) : Otherwise);
    }

    /// <summary>How it is shown before there is a folder; null where it would not be given.</summary>
    /// <param name="names">The names of the files that the run is going to have.</param>
    public string? Shown(IReadOnlyList<string> names) =>
        FileName is null ? Text : WithPath(names.Contains(FileName) ? $"<private {FileName}>" : Otherwise);

    private string? WithPath(string? path) => path is null ? null : Text + path;
}
