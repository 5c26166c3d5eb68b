using System.Collections.Specialized;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amp.Json;
using Amp.Messages;
using Amp.Text;

namespace Amp;

/// <summary>
/// A line of the CLI's <c>--stream-json</c> output. The type and the thread are known immediately; everything else is read from the line on
/// first use and does not change after that. Messages can be kept and passed to other threads.
/// </summary>
/// <remarks>
/// Messages are equal if their lines are: the same fields with the same values, whatever their order and white space. Other information of a run, such as
/// <see cref="Time"/> or <see cref="ResultMessage.Outcome"/>, does not count. <c>JsonSerializer</c> writes a message as its line and reads it again.
/// </remarks>
[JsonConverter(typeof(StreamMessageJsonConverter<StreamMessage>))]
public abstract class StreamMessage : IEquatable<StreamMessage>
{
    private readonly byte[] _line;

    // The run of a transcript, or what removes the secrets of a live run: no message has both, and a run can have very many messages.
    private object? _origin;

    private protected StreamMessage(in MessageEnvelope envelope)
    {
        _line = envelope.Line;
        Type = envelope.Type;
        SessionId = envelope.SessionId;
        ParentToolUseId = envelope.ParentToolUseId;
    }

    /// <summary>The <c>type</c> of the line as the CLI wrote it; empty if there is none.</summary>
    public string Type { get; }

    /// <summary>The ID of the thread, <c>T-</c> and a UUID, from the field <c>session_id</c>.</summary>
    public string? SessionId { get; }

    /// <summary>For a message of a subagent, the ID of the tool call that started it; otherwise null.</summary>
    public string? ParentToolUseId { get; }

    /// <summary>The content blocks, in order; empty for messages without content.</summary>
    /// <remarks>
    /// This and the following properties exist on every type of message, so that scripts can read them for a whole run, even if a missing
    /// property is an error: <c>$run.ToolUse.Command</c> in PowerShell's strict mode.
    /// </remarks>
    public virtual IReadOnlyList<ContentBlock> Content => ReadableList<ContentBlock>.None;

    /// <summary>The text blocks, each on its own lines; empty if there are none.</summary>
    public virtual string Text => string.Empty;

    /// <summary>The tool calls in the content. Only messages of the model have them.</summary>
    public virtual IReadOnlyList<ToolUseContent> ToolUse => ReadableList<ToolUseContent>.None;

    /// <summary>The tool results in the content. Only messages to the model have them.</summary>
    public virtual IReadOnlyList<ToolResultContent> ToolResult => ReadableList<ToolResultContent>.None;

    /// <summary>The line as the CLI wrote it, without its line break. It includes everything that has no property.</summary>
    public string RawJson => Encoding.UTF8.GetString(_line);

    /// <summary>The fields of the line without a property, by name; empty if there are none.</summary>
    public abstract OrderedDictionary AdditionalProperties { get; }

    /// <summary>
    /// The time when the message arrived, or was written to the transcript that it was read from; null if it is unknown, as in plain
    /// output of the CLI.
    /// </summary>
    public DateTimeOffset? Time => TimeTicks == 0 ? null : new DateTimeOffset(TimeTicks, TimeSpan.Zero);

    /// <summary>The same as ticks in UTC, rounded to milliseconds as in a transcript; 0 if it is unknown.</summary>
    internal long TimeTicks { get; set; }

    /// <summary>The calls that the results in this message deny; null for none, and for a message that was read neither from a run nor from its record.</summary>
    internal IReadOnlyList<string>? Denied { get; set; }

    /// <summary>The run in a transcript that the message was read from; null for a message of a live run.</summary>
    internal object? Source
    {
        get => _origin is SecretRedactor ? null : _origin;
        set => _origin = value;
    }

    /// <summary>Removes the secrets that the live run knows; null for a message of another origin.</summary>
    internal SecretRedactor? RunRedactor
    {
        get => _origin as SecretRedactor;
        set => _origin = value;
    }

    /// <summary>The bytes of the line, in UTF-8 without a line break.</summary>
    internal ReadOnlySpan<byte> Line => _line;

    /// <summary>Returns whether the other message has the same line, whatever the order of its fields.</summary>
    public bool Equals(StreamMessage? other) => ReferenceEquals(this, other)
        || (other is not null && GetType() == other.GetType()
            && (_line.AsSpan().SequenceEqual(other._line) || PlainJson.AreEqual(PlainLine(), other.PlainLine())));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StreamMessage);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, SessionId, ParentToolUseId);

    private object? PlainLine()
    {
        JsonReader reader = OpenLine();
        return JsonField.Any(ref reader);
    }

    private protected JsonReader OpenLine() => JsonText.Open(_line);
}
