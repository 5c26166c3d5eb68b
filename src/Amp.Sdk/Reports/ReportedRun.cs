using Amp.Records;

namespace Amp.Reports;

/// <summary>What the summary of a run needs. The conversation itself is in the spool.</summary>
internal sealed class ReportedRun
{
    // Lists in a summary are read by people, and a hostile run must not fill the memory.
    private const int MostNoted = 200;

    private readonly UsageCounter _usage = new([]);
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private readonly List<ToolDenial> _noted = [];
    private int _notedCount;
    private long _first;
    private long _last;
    private UsageTotal? _total;

    public ReportedRun(int number) => Number = number;

    /// <summary>The number of the run in the report, starting with 1.</summary>
    public int Number { get; }

    /// <summary>What is known of the run from its transcript; null for live messages.</summary>
    public TranscriptRun? Recorded { get; set; }

    public string? Prompt { get; set; }

    /// <summary>What the run knows of its secrets; null if that is unknown, as in a transcript, which has none.</summary>
    public RunSecrets? Secrets { get; set; }

    public string? ThreadId { get; private set; }

    public SystemMessage? Start { get; private set; }

    public string? Model { get; private set; }

    /// <summary>The last result; null if there was none.</summary>
    public ResultMessage? Result { get; private set; }

    public TranscriptEnd? End { get; set; }

    public ResultOutcome? Outcome { get; private set; }

    /// <summary>The first denials. All lists of this kind have at most 200 items, and the count beside a list is that of all items.</summary>
    public List<ToolDenial> Denials { get; } = [];

    public int DenialCount { get; private set; }

    public List<ToolApproval> Approvals { get; } = [];

    public int ApprovalCount { get; private set; }

    public List<AmpRetry> Retries { get; } = [];

    public int RetryCount { get; private set; }

    public List<FileDifference> Changes { get; } = [];

    public int ChangeCount { get; private set; }

    public List<AmpVerification> Verifications { get; } = [];

    public int VerificationCount { get; private set; }

    public int Warnings { get; set; }

    public int Calls { get; set; }

    public int FailedCalls { get; set; }

    /// <summary>Whether the conversation contains the calls.</summary>
    public bool HasCalls { get; init; }

    public ReportTimeline Timeline { get; } = new();

    /// <summary>The anchors of calls by their IDs, to which denials refer.</summary>
    public Dictionary<string, int> CallNumbers { get; } = new(StringComparer.Ordinal);

    /// <summary>The conversation.</summary>
    public ReportPart Body { get; } = new();

    public IReadOnlyCollection<string> Files => _files;

    /// <summary>Whether there are more files. How many is unknown, because a file can come again.</summary>
    public bool HasMoreFiles { get; private set; }

    public DateTimeOffset? StartTime => Recorded?.StartTime ?? TimeOf(_first);

    /// <summary>The duration of the whole run; null if it is unknown.</summary>
    public TimeSpan? Duration => End?.Duration is { Ticks: > 0 } measured ? measured
        : Result is { DurationMs: > 0 } result ? (Total.Duration > result.Duration ? Total.Duration : result.Duration)
        : _last > _first && _first > 0 ? TimeSpan.FromTicks(_last - _first)
        : null;

    public UsageTotal Total => _total ??= _usage.Complete() is [UsageTotal total, ..] ? total : new UsageTotal();

    /// <summary>The ticks of the first message; 0 if it is unknown.</summary>
    public long FirstTicks => Recorded?.StartTime?.UtcTicks ?? _first;

    /// <summary>The error; null if there was none.</summary>
    public string? Error => End?.Error ?? Result?.Error;

    /// <summary>Counts a message.</summary>
    public void Count(StreamMessage message, UsageOrigin origin)
    {
        _usage.Add(message, origin);
        ThreadId ??= message.SessionId;
        if (message.TimeTicks > 0)
        {
            _first = _first == 0 ? message.TimeTicks : Math.Min(_first, message.TimeTicks);
            _last = Math.Max(_last, message.TimeTicks);
        }

        switch (message)
        {
            case SystemMessage { Subtype: "init" } start:
                Start ??= start;
                break;
            case AssistantMessage { ParentToolUseId: null } said:
                Model ??= said.Model;
                break;
            case ResultMessage result:
                Take(result, origin);
                break;
        }
    }

    /// <summary>Notes files that a call writes. What a result says replaces nothing: a run may be cut.</summary>
    public void NoteFiles(IEnumerable<string> files)
    {
        foreach (string file in files)
        {
            if (_files.Count < MostNoted)
            {
                _files.Add(file);
            }
            else
            {
                HasMoreFiles |= !_files.Contains(file);
            }
        }
    }

    /// <summary>Notes a denial. It counts only if no result repeats it: a run may be cut.</summary>
    public void NoteDenial(ToolDenial denial)
    {
        _notedCount++;
        Note(_noted, [denial]);
    }

    /// <summary>Ends the run: what no result has said counts now.</summary>
    public void Complete()
    {
        Note(Denials, _noted);
        DenialCount += _notedCount;
        _noted.Clear();
        _notedCount = 0;
    }

    private static void Note<T>(List<T> list, IEnumerable<T> added) => list.AddRange(added.Take(MostNoted - list.Count));

    // A session has several results, and each counts from the start.
    private static int NoteNew<T>(List<T> list, int count, IReadOnlyList<T> all)
    {
        Note(list, all.Except(list));
        return Math.Max(Math.Max(count, list.Count), all.Distinct().Count());
    }

    private void Take(ResultMessage result, UsageOrigin origin)
    {
        Result = result;
        Outcome = origin.Outcome ?? result.Outcome;

        DenialCount = NoteNew(Denials, DenialCount, result.Denials);
        HashSet<string?> told = [.. result.Denials.Select(denial => denial.ToolUseId)];
        if (_noted.RemoveAll(denial => told.Contains(denial.ToolUseId)) > 0)
        {
            _notedCount = _noted.Count;
        }

        ApprovalCount = NoteNew(Approvals, ApprovalCount, result.Approvals);
        RetryCount = NoteNew(Retries, RetryCount, result.Retries);
        Note(Verifications, result.Verifications);
        VerificationCount += result.Verifications.Count;
        Note(Changes, result.Changes);
        ChangeCount += result.Changes.Count;
        if (_files.Count == 0)
        {
            NoteFiles(result.FilesTouched);
        }
    }

    private static DateTimeOffset? TimeOf(long ticks) => ticks > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
}
