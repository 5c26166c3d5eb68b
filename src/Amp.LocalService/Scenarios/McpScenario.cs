using System.Text.Json.Nodes;

namespace Amp.LocalService.Scenarios;

/// <summary>An MCP server over HTTP that the service plays beside the model, at <c>/mcp</c>.</summary>
public sealed record McpScenario
{
    /// <summary>The tools that it offers.</summary>
    public IReadOnlyList<McpScenarioTool> Tools { get; init; } = [];

    /// <summary>Headers that every request must have, with exactly these values; others are answered with 401.</summary>
    public IReadOnlyDictionary<string, string> RequiredHeaders { get; init; } = new Dictionary<string, string>();
}

/// <summary>A tool of the MCP server.</summary>
/// <param name="Name">Its name; the CLI offers it to the model as <c>mcp__SERVER__NAME</c>, hyphens as underscores.</param>
/// <param name="Text">What every call of it gives back.</param>
public sealed record McpScenarioTool(string Name, string Text)
{
    /// <summary>What the model is told about it.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// The JSON schema of its input; by default an object without members. The CLI passes on only what the schema names
    /// (0.0.1774310664).
    /// </summary>
    public JsonObject InputSchema { get; init; } = new() { ["type"] = "object", ["properties"] = new JsonObject() };

    /// <summary>Whether a call of it fails, with the text as the reason.</summary>
    public bool IsError { get; init; }
}
