using System.Text.Json.Nodes;

namespace Amp.LocalService.Scenarios;

/// <summary>One content block of an answer.</summary>
public abstract record AnswerBlock;

/// <summary>Text of the model.</summary>
/// <param name="Text">The text.</param>
public sealed record TextBlock(string Text) : AnswerBlock;

/// <summary>A thinking block.</summary>
/// <param name="Text">What the model thinks.</param>
public sealed record ThinkingBlock(string Text) : AnswerBlock;

/// <summary>A call of a tool, which the CLI then really runs.</summary>
/// <param name="Name">The tool's name as the CLI offers it, such as <c>Bash</c> or <c>mcp__server__tool</c>.</param>
/// <param name="Input">The tool's input.</param>
public sealed record ToolBlock(string Name, JsonObject Input) : AnswerBlock
{
    /// <summary>A call whose input is given as JSON text.</summary>
    public static ToolBlock Parse(string name, string inputJson) => JsonNode.Parse(inputJson) is JsonObject input
        ? new ToolBlock(name, input)
        : throw new ArgumentException("The input of a tool is a JSON object.", nameof(inputJson));
}

/// <summary>Text of a given size, made of one text over and over, for answers too large to write down.</summary>
/// <param name="Text">What is repeated.</param>
/// <param name="Bytes">The size of the whole in UTF-8 bytes.</param>
public sealed record RepeatedTextBlock(string Text, int Bytes) : AnswerBlock;
