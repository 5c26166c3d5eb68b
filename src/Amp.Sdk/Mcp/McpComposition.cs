namespace Amp.Mcp;

/// <summary>The MCP servers of a run.</summary>
/// <param name="Content">What the CLI gets by <c>--mcp-config</c>; null where there is nothing to give.</param>
/// <param name="Disabled">The names of those that are given as disabled.</param>
internal sealed record McpComposition(ReadOnlyMemory<byte>? Content, IReadOnlyList<string> Disabled);
