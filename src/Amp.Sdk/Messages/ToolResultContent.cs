using System.Collections;
using System.Text.Json.Serialization;
using Amp.Json;
using Amp.Messages;
using Amp.Tools;

namespace Amp;

/// <summary>The result of a tool for the model.</summary>
[JsonConverter(typeof(ContentBlockJsonConverter<ToolResultContent>))]
public sealed class ToolResultContent : ContentBlock
{
    private object? _output;
    private volatile bool _outputRead;

    /// <summary>Creates a result, for example for a test.</summary>
    /// <param name="toolUseId">The ID of the call.</param>
    /// <param name="content">The result: usually a string; otherwise a list of blocks as dictionaries, or other JSON.</param>
    /// <param name="isError">Whether the tool failed or was denied.</param>
    /// <exception cref="AmpValidationException">The content cannot be written as JSON.</exception>
    public ToolResultContent(string? toolUseId, object? content, bool isError = false)
        : this(toolUseId, ToolInput.ToPlain(content, nameof(content)), isError, default)
    {
    }

    internal ToolResultContent(string? toolUseId, object? content, bool isError, in AdditionalFields additional)
        : base("tool_result", additional)
    {
        ToolUseId = toolUseId;
        Content = content;
        IsError = isError;
    }

    /// <summary>The ID of the call that this result belongs to.</summary>
    public string? ToolUseId { get; }

    /// <summary>The result as the CLI sent it: usually a string, which often contains JSON, or a list of blocks.</summary>
    public object? Content { get; }

    /// <summary>Whether the tool failed or was denied.</summary>
    public bool IsError { get; }

    /// <summary>
    /// The result as plain objects if its text is JSON, as for the CLI's own tools: with <c>output</c> and <c>exitCode</c> for a shell
    /// command. Otherwise the same as <see cref="Content"/>.
    /// </summary>
    public object? Output
    {
        get
        {
            if (!_outputRead)
            {
                _output = Content is string text ? Parsed(text) : Content;
                _output = OfCommand(_output) ?? _output;
                _outputRead = true;
            }

            return _output;
        }
    }

    /// <summary>
    /// The result as text: the output of a command, after its error if there is one; the text of blocks, with <c>[image]</c> and similar
    /// for other types of blocks; or the original content.
    /// </summary>
    public string Text => Readable(Output) ?? (Content as string) ?? string.Empty;

    /// <summary>The exit code if the tool ran a command and reported it; otherwise null.</summary>
    public int? ExitCode =>
        Output is IDictionary fields && fields["exitCode"] is long code and >= int.MinValue and <= int.MaxValue
            ? (int)code
            : null;

    private protected override IEnumerable<(string Name, object? Value)> Fields =>
        [("tool_use_id", ToolUseId), ("content", Content), ("is_error", IsError)];

    /// <summary>Returns the result as text.</summary>
    public override string ToString() => Text;

    private static object Parsed(string text) => text.AsSpan().TrimStart() is ['{' or '[', ..] ? JsonValue.ParseOrNull(text) ?? text : text;

    // A tool server's answer is a list of blocks. The output of a command reads in the same way as that of the CLI's own tools.
    private static IDictionary? OfCommand(object? output) =>
        output is object?[] { Length: 1 } blocks && blocks[0] is IDictionary block && block["type"] is "text" && block["text"] is string text
            && Parsed(text) is IDictionary told && told["output"] is string && told["exitCode"] is long
                ? told
                : null;

    private static string? Readable(object? output) => output switch
    {
        string text => text,
        IDictionary fields => WithError(fields, fields["output"] as string ?? fields["text"] as string),
        object?[] blocks => JoinBlocks(blocks),
        _ => null,
    };

    // A tool that fails during its work returns both, and its previous output reads like a success.
    private static string? WithError(IDictionary fields, string? output)
    {
        string? error = fields["error"] as string ?? (fields["error"] as IDictionary)?["message"] as string;
        return output is null || string.IsNullOrWhiteSpace(error) ? output
            : output.Length == 0 ? error
            : $"{error}\n{output}";
    }

    // Each block is read once: blocks can be nested, and twice at each level would never end.
    private static string? JoinBlocks(object?[] blocks)
    {
        string[] texts = new string[blocks.Length];
        bool isReadable = false;
        for (int i = 0; i < blocks.Length; i++)
        {
            string? text = Readable(blocks[i]);
            isReadable |= text is not null;
            if ((text ?? NameOf(blocks[i])) is not string shown)
            {
                return null;
            }

            texts[i] = shown;
        }

        return isReadable ? string.Join('\n', texts) : null;
    }

    // An image between two texts must not hide them.
    private static string? NameOf(object? block) => block is IDictionary fields && fields["type"] is string type ? $"[{type}]" : null;
}
