namespace Amp.LocalService.Mcp;

/// <summary>A call of a tool that the service's MCP server has answered.</summary>
/// <param name="Tool">The tool's name, as the server calls it.</param>
/// <param name="ArgumentsJson">What it was given, as JSON.</param>
public sealed record McpCall(string Tool, string ArgumentsJson);
