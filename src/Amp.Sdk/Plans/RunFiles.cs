using Amp.Processes;

namespace Amp.Plans;

/// <summary>The files that a run writes for the CLI, with what they will hold.</summary>
/// <param name="Settings">The merged settings; null where the user's own do.</param>
/// <param name="McpConfig">The MCP servers of the call; null where there are none.</param>
internal sealed record RunFiles(PrivateFile? Settings, PrivateFile? McpConfig)
{
    public IReadOnlyList<PrivateFile> All => [.. ((PrivateFile?[])[Settings, McpConfig]).OfType<PrivateFile>()];
}

/// <summary>One argument of a run; that of a private file is complete only when the run's folder exists.</summary>
internal readonly record struct RunArgument(string Text, PrivateFile? File = null)
{
    public string In(string? folder) => File is null ? Text : Text + Path.Combine(folder!, File.Name);

    /// <summary>How it is shown before there is a folder.</summary>
    public override string ToString() => File is null ? Text : $"{Text}<private {File.Name}>";
}
