namespace Amp;

/// <summary>The kinds of events of a run: usually messages, and other information, in the order in which it occurred.</summary>
public enum AmpEventKind
{
    /// <summary>
    /// The CLI has started; see <see cref="AmpEvent.Start"/>. This is the first event after any <see cref="Waiting"/>. A run with retries starts it more than
    /// once.
    /// </summary>
    Started,

    /// <summary>A message of the stream, in <see cref="AmpEvent.Message"/>.</summary>
    Message,

    /// <summary>A line on standard output that is not valid JSON, in <see cref="AmpEvent.Text"/>.</summary>
    OutputText,

    /// <summary>A line that started as JSON but is invalid, in <see cref="AmpEvent.Error"/>. The stream continues.</summary>
    InvalidLine,

    /// <summary>A line on standard error, in <see cref="AmpEvent.Text"/>. A slow consumer may miss some.</summary>
    StandardError,

    /// <summary>A decision about a tool call, in <see cref="AmpEvent.Approval"/>. A slow consumer may miss some.</summary>
    Approval,

    /// <summary>A retry of the run, with its reason in <see cref="AmpEvent.Retry"/>.</summary>
    Retry,

    /// <summary>The run has not started and waits in the queue (<see cref="AmpThrottle"/>), with the reason in <see cref="AmpEvent.Text"/>.</summary>
    Waiting,

    /// <summary>A warning about something although the run continues, in <see cref="AmpEvent.Text"/>.</summary>
    Warning,

    /// <summary>
    /// The CLI and everything it started have exited, as <see cref="AmpEvent.Exit"/> says: the last event of a run, before the failure is thrown. A run with
    /// retries has one for each try, and a session for each process, between turns too. It is missing if the CLI could not be stopped.
    /// </summary>
    Exited,
}

/// <summary>An event of a run.</summary>
public readonly struct AmpEvent
{
    private readonly object _content;

    private AmpEvent(AmpEventKind kind, object content)
    {
        Kind = kind;
        _content = content;
    }

    /// <summary>The kind of event.</summary>
    public AmpEventKind Kind { get; }

    /// <summary>The message; null for other kinds.</summary>
    public StreamMessage? Message => _content as StreamMessage;

    /// <summary>The text, safe to show; null for kinds that have none.</summary>
    public string? Text => _content as string;

    /// <summary>The error of the invalid line; null for other kinds.</summary>
    public AmpJsonException? Error => _content as AmpJsonException;

    /// <summary>The decision about a tool call; null for other kinds.</summary>
    public ToolApproval? Approval => _content as ToolApproval;

    /// <summary>The next retry; null for other kinds.</summary>
    public AmpRetry? Retry => _content as AmpRetry;

    /// <summary>The CLI that has started; null for other kinds.</summary>
    public RunStart? Start => _content as RunStart;

    /// <summary>How the CLI exited; null for other kinds.</summary>
    public RunExit? Exit => _content as RunExit;

    /// <summary>The approximate memory size in bytes.</summary>
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

    internal static AmpEvent FromStart(RunStart start) => new(AmpEventKind.Started, start);

    internal static AmpEvent FromExit(RunExit exit) => new(AmpEventKind.Exited, exit);

    internal static AmpEvent FromText(AmpEventKind kind, string text) => new(kind, text);
}
