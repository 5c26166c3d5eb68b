using System.Collections.Specialized;
using System.Text;
using System.Text.Json;
using Amp.Json;
using Amp.Messages;
using Amp.Text;

namespace Amp;

/// <summary>
/// One line of the CLI's <c>--stream-json</c> output. The type and the thread are known at once; everything else is
/// read from the line when it is first asked for, and stays as it is from then on. Messages may be kept and handed to
/// other threads.
/// </summary>
public abstract class StreamMessage
{
    private readonly byte[] _line;

    private protected StreamMessage(in MessageEnvelope envelope)
    {
        _line = envelope.Line;
        Type = envelope.Type;
        SessionId = envelope.SessionId;
        ParentToolUseId = envelope.ParentToolUseId;
    }

    /// <summary>The line's <c>type</c> as the CLI wrote it, empty where it wrote none.</summary>
    public string Type { get; }

    /// <summary>The ID of the thread, <c>T-</c> and a UUID, as the CLI calls it in its <c>session_id</c>.</summary>
    public string? SessionId { get; }

    /// <summary>For what a subagent says: the ID of the tool call that started it; otherwise null.</summary>
    public string? ParentToolUseId { get; }

    /// <summary>The content blocks in their order; empty for messages that have none.</summary>
    /// <remarks>
    /// This and what follows from it is there for every type of message, so that scripts can read it of a whole run, also where a property
    /// that an object lacks is an error: <c>$run.ToolUse.Command</c> in PowerShell's strict mode.
    /// </remarks>
    public virtual IReadOnlyList<ContentBlock> Content => ReadableList<ContentBlock>.None;

    /// <summary>The text blocks, one after the other on lines of their own; empty where there are none.</summary>
    public virtual string Text => string.Empty;

    /// <summary>The tool calls among the content; only what the model says has any.</summary>
    public virtual IReadOnlyList<ToolUseContent> ToolUse => ReadableList<ToolUseContent>.None;

    /// <summary>The results of tools among the content; only what the model is given has any.</summary>
    public virtual IReadOnlyList<ToolResultContent> ToolResult => ReadableList<ToolResultContent>.None;

    /// <summary>The line as the CLI wrote it, without its line end. Everything that no property shows is still in it.</summary>
    public string RawJson => Encoding.UTF8.GetString(_line);

    /// <summary>The fields of the line that no property shows, by name; empty where there are none.</summary>
    public abstract OrderedDictionary AdditionalProperties { get; }

    /// <summary>The line's bytes, UTF-8 without a line end.</summary>
    internal ReadOnlySpan<byte> Line => _line;

    private protected JsonReader OpenLine() => JsonText.Open(_line);
}
