using System.Collections.Specialized;

namespace Amp;

/// <summary>A tool that the agent may call: one of the CLI's own, of an MCP server, or of a toolbox.</summary>
public sealed record ToolInfo
{
    /// <summary>The name by which it is called, <c>Bash</c>, <c>tb__my_tool</c> or <c>mcp__server__tool</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where it comes from, in the CLI's word: <c>built-in</c>, <c>toolbox</c>, or what MCP tools are called there.</summary>
    public required string Source { get; init; }

    /// <summary>What it comes from, where the CLI tells: the file of a toolbox tool, for instance.</summary>
    public string? Origin { get; init; }

    /// <summary>What it does: in a list the first words, otherwise all that the model is told.</summary>
    public required string Description { get; init; }

    /// <summary>The JSON schema of its input as plain objects; null in a list, which does not have it.</summary>
    public OrderedDictionary? InputSchema { get; init; }

    /// <summary>The names of its inputs, by the schema; empty in a list.</summary>
    public IReadOnlyList<string> Parameters =>
        InputSchema?["properties"] is OrderedDictionary properties ? [.. properties.Keys.Cast<string>()] : [];

    /// <summary>The names of the inputs that it cannot do without; empty in a list.</summary>
    public IReadOnlyList<string> RequiredParameters =>
        InputSchema?["required"] is object?[] required ? [.. required.OfType<string>()] : [];

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
