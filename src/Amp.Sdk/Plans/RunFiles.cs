using Amp.Processes;

namespace Amp.Plans;

/// <summary>The files that a run writes for the CLI, with what they will hold.</summary>
/// <param name="Settings">The merged settings; null where the user's own do.</param>
/// <param name="McpConfig">The MCP servers of the call; null where there are none.</param>
internal sealed record RunFiles(PrivateFile? Settings, PrivateFile? McpConfig)
{
    public IReadOnlyList<PrivateFile> All => [.. ((PrivateFile?[])[Settings, McpConfig]).OfType<PrivateFile>()];
}
