namespace Amp.Plans;

/// <summary>An argument of a run.</summary>
/// <param name="Text">The argument, or the part before the path of its file.</param>
/// <param name="FileName">The private file of the argument; null for other arguments.</param>
/// <param name="Otherwise">The path to use if the run has no such file; null to omit the argument then.</param>
/// <remarks>The content of a file, and whether the run has it, is known only when the run's services are open.</remarks>
internal sealed record RunArgument(string Text, string? FileName = null, string? Otherwise = null)
{
    /// <summary>The name of the settings file.</summary>
    public const string SettingsName = "settings.json";

    /// <summary>The name of the MCP server file.</summary>
    public const string McpConfigName = "mcp.json";

    /// <summary>Gets the argument when the run's folder exists; null if the run omits it.</summary>
    /// <param name="files">The full paths of the run's files, by name.</param>
    public string? In(IReadOnlyDictionary<string, string> files) =>
        FileName is null ? Text : WithPath(files.GetValueOrDefault(FileName, Otherwise!));

    /// <summary>Gets the displayed form before the folder exists; null if the argument would be omitted.</summary>
    /// <param name="names">The names of the files that the run will have.</param>
    public string? Shown(IReadOnlyList<string> names) =>
        FileName is null ? Text : WithPath(names.Contains(FileName) ? $"<private {FileName}>" : Otherwise);

    private string? WithPath(string? path) => path is null ? null : Text + path;
}
