using System.Collections.Specialized;

namespace Amp;

/// <summary>A tool that the agent can call: a tool of the CLI, of an MCP server, or of a toolbox.</summary>
public sealed record ToolInfo
{
    /// <summary>The name, such as <c>Bash</c>, <c>tb__my_tool</c> or <c>mcp__server__tool</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The source in the CLI's words: <c>built-in</c>, <c>toolbox</c>, or its name for MCP tools.</summary>
    public required string Source { get; init; }

    /// <summary>The origin, if the CLI reports it, such as the file of a toolbox tool.</summary>
    public string? Origin { get; init; }

    /// <summary>The description: in a list, its beginning; otherwise, the whole text for the model.</summary>
    public required string Description { get; init; }

    /// <summary>The JSON schema of the input as plain objects; null in a list.</summary>
    public OrderedDictionary? InputSchema { get; init; }

    /// <summary>The names of the inputs in the schema; empty in a list.</summary>
    public IReadOnlyList<string> Parameters =>
        InputSchema?["properties"] is OrderedDictionary properties ? [.. properties.Keys.Cast<string>()] : [];

    /// <summary>The names of the required inputs; empty in a list.</summary>
    public IReadOnlyList<string> RequiredParameters =>
        InputSchema?["required"] is object?[] required ? [.. required.OfType<string>()] : [];

    /// <summary>Returns the name.</summary>
    public override string ToString() => Name;
}
