using System.Collections.Specialized;
using Amp.Messages.Json;

namespace Amp;

/// <summary>A tool that the model calls.</summary>
public sealed class ToolUseContent : ContentBlock
{
    internal ToolUseContent(string? id, string? name, object? input, in AdditionalFields additional)
        : base("tool_use", additional)
    {
        Id = id;
        Name = name;
        Input = input;
    }

    /// <summary>The call's ID. The result of the call names it in its <see cref="ToolResultContent.ToolUseId"/>.</summary>
    public string? Id { get; }

    /// <summary>The tool's name as this CLI calls it, <c>Bash</c> or <c>shell_command</c> for instance.</summary>
    public string? Name { get; }

    /// <summary>
    /// The arguments as plain objects at any depth: an <see cref="OrderedDictionary"/> for an object, an array, a string,
    /// a number, a boolean or null. In PowerShell <c>$call.Input.cmd</c> reads one, whatever its case.
    /// </summary>
    public object? Input { get; }

    /// <summary>The tool's name.</summary>
    public override string ToString() => Name ?? Type;
}
