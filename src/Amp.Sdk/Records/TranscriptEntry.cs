namespace Amp;

/// <summary>The kinds of entries of a transcript.</summary>
public enum TranscriptEntryKind
{
    /// <summary>A run starts; see <see cref="TranscriptEntry.Run"/>.</summary>
    Started,

    /// <summary>A message of the stream, in <see cref="TranscriptEntry.Message"/>.</summary>
    Message,

    /// <summary>A message to the agent, in <see cref="TranscriptEntry.Text"/>.</summary>
    Input,

    /// <summary>A line on standard output that was not JSON, in <see cref="TranscriptEntry.Text"/>.</summary>
    OutputText,

    /// <summary>
    /// A line that is not valid JSON, in <see cref="TranscriptEntry.Error"/>: a line of the CLI, or of the file itself. The entries before and after it are
    /// complete.
    /// </summary>
    InvalidLine,

    /// <summary>A decision about a tool call, in <see cref="TranscriptEntry.Approval"/>.</summary>
    Approval,

    /// <summary>A retry of the run, in <see cref="TranscriptEntry.Retry"/>.</summary>
    Retry,

    /// <summary>A warning, in <see cref="TranscriptEntry.Text"/>.</summary>
    Warning,

    /// <summary>The run ended; see <see cref="TranscriptEntry.End"/>.</summary>
    Ended,

    /// <summary>The transcript stops before the end of the run: its process was killed, or is still active.</summary>
    Interrupted,
}

/// <summary>An entry of a transcript.</summary>
public sealed record TranscriptEntry
{
    internal TranscriptEntry(TranscriptEntryKind kind, TranscriptRun run)
    {
        Kind = kind;
        Run = run;
    }

    /// <summary>The kind of entry.</summary>
    public TranscriptEntryKind Kind { get; }

    /// <summary>The run that the entry belongs to. The entries of a run share one object.</summary>
    public TranscriptRun Run { get; }

    /// <summary>The time; null if it is unknown.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The line number in the file, starting with 1; 0 for an entry of an exported thread.</summary>
    public long LineNumber { get; init; }

    /// <summary>The message, as the run itself returned it; null for other kinds.</summary>
    public StreamMessage? Message { get; init; }

    /// <summary>The text; null for kinds that have none.</summary>
    public string? Text { get; init; }

    /// <summary>The error of an invalid line; null for other kinds.</summary>
    public AmpJsonException? Error { get; init; }

    /// <summary>The decision about a tool call; null for other kinds.</summary>
    public ToolApproval? Approval { get; init; }

    /// <summary>The retry; null for other kinds.</summary>
    public AmpRetry? Retry { get; init; }

    /// <summary>The end of the run; null for other kinds.</summary>
    public TranscriptEnd? End { get; init; }
}
