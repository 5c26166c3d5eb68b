namespace Amp;

/// <summary>What a run reports: mostly messages, and what else a user may want to know, in the order in which it happened.</summary>
public enum AmpEventKind
{
    /// <summary>A message of the stream; <see cref="AmpEvent.Message"/> is it.</summary>
    Message,

    /// <summary>A line on standard output that is not valid JSON; <see cref="AmpEvent.Text"/> is it.</summary>
    OutputText,

    /// <summary>A line that began as JSON and is broken; <see cref="AmpEvent.Error"/> carries it. The stream goes on.</summary>
    InvalidLine,

    /// <summary>A line on standard error; <see cref="AmpEvent.Text"/> is it. A consumer that reads slowly may miss some.</summary>
    StandardError,

    /// <summary>Somebody was asked about a tool call; <see cref="AmpEvent.Approval"/> says what came of it. A consumer that reads slowly may miss some.</summary>
    Approval,

    /// <summary>The run is tried again; <see cref="AmpEvent.Retry"/> says why.</summary>
    Retry,

    /// <summary>The run has not started and waits for its turn (<see cref="AmpThrottle"/>); <see cref="AmpEvent.Text"/> says for what.</summary>
    Waiting,

    /// <summary>Something that should not pass unnoticed though the run goes on; <see cref="AmpEvent.Text"/> says what.</summary>
    Warning,
}

/// <summary>One thing that a run reports.</summary>
public readonly struct AmpEvent
{
    private readonly object _content;

    private AmpEvent(AmpEventKind kind, object content)
    {
        Kind = kind;
        _content = content;
    }

    /// <summary>What is reported.</summary>
    public AmpEventKind Kind { get; }

    /// <summary>The message; null for other kinds.</summary>
    public StreamMessage? Message => _content as StreamMessage;

    /// <summary>The text, safe to show; null for kinds that have none.</summary>
    public string? Text => _content as string;

    /// <summary>The broken line's error; null for other kinds.</summary>
    public AmpJsonException? Error => _content as AmpJsonException;

    /// <summary>The decision about a tool call; null for other kinds.</summary>
    public ToolApproval? Approval => _content as ToolApproval;

    /// <summary>The retry that is about to be made; null for other kinds.</summary>
    public AmpRetry? Retry => _content as AmpRetry;

    /// <summary>About how much memory it takes.</summary>
    internal long HeldBytes => _content switch
    {
        StreamMessage message => message.Line.Length,
        string text => text.Length * (long)sizeof(char),
        AmpJsonException error => (error.RawLine?.Length ?? 0) * (long)sizeof(char),
        _ => 0,
    };

    internal static AmpEvent FromMessage(StreamMessage message) => new(AmpEventKind.Message, message);

    internal static AmpEvent FromInvalidLine(AmpJsonException error) => new(AmpEventKind.InvalidLine, error);

    internal static AmpEvent FromApproval(ToolApproval approval) => new(AmpEventKind.Approval, approval);

    internal static AmpEvent FromRetry(AmpRetry retry) => new(AmpEventKind.Retry, retry);

    internal static AmpEvent FromText(AmpEventKind kind, string text) => new(kind, text);
}
