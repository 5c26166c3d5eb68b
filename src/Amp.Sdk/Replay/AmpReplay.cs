using System.IO.Enumeration;
using Amp.Options;
using Amp.Replay;
using Amp.Text;
using Amp.Tools;

namespace Amp;

/// <summary>
/// Answers runs of the agent with records and mocks, to test code that runs it. No CLI is required, no process is started, and nothing uses the network;
/// everything else is the same as in a real run: the reader, the messages, limits, errors, sessions, and your tools and approvals.
/// </summary>
/// <remarks>Several runs can use it at once. A record answers one run; a mock answers any number.</remarks>
public sealed class AmpReplay
{
    private readonly object _lock = new();
    private readonly List<RunRecord> _records = [];
    private readonly List<AmpMock> _mocks = [];
    private readonly Dictionary<object, int> _answered = new(ReferenceEqualityComparer.Instance);
    private readonly List<ReplayCall> _calls = [];

    /// <summary>Creates a replay from mocks.</summary>
    /// <param name="mocks">The mocks. The first one that matches a message answers it.</param>
    /// <exception cref="AmpValidationException">A mock cannot be used.</exception>
    public AmpReplay(IEnumerable<AmpMock> mocks)
    {
        ArgumentNullException.ThrowIfNull(mocks);
        Transport = new ReplayTransport(this);
        foreach (AmpMock mock in mocks)
        {
            ArgumentNullException.ThrowIfNull(mock, nameof(mocks));
            Check(mock);
            _mocks.Add(mock);
        }
    }

    /// <summary>The transport, for <see cref="CliOptions.Transport"/> of the runs and sessions that it answers.</summary>
    public AmpTransport Transport { get; }

    /// <summary>Whether a record also answers a run with another prompt or other options, in the order of the records.</summary>
    public bool AllowDifference { get; set; }

    /// <summary>Whether records are played with the timing of the recorded run. By default, they are played without delays.</summary>
    public bool KeepTiming { get; set; }

    /// <summary>The messages to the agent so far, in order, with the options that your code used.</summary>
    public IReadOnlyList<ReplayCall> Calls
    {
        get
        {
            lock (_lock)
            {
                return ReadableList<ReplayCall>.Of(_calls);
            }
        }
    }

    /// <summary>The number of <see cref="Calls"/>.</summary>
    public int CallCount => Calls.Count;

    /// <summary>The records and mocks that have answered nothing so far, in words.</summary>
    public IReadOnlyList<string> Unused
    {
        get
        {
            lock (_lock)
            {
                return ReadableList<string>.Of(
                [
                    .. _records.Where(record => !record.IsUsed).Select(record => record.ToString()),
                    .. _mocks.Where(mock => !_answered.ContainsKey(mock)).Select(mock => mock.ToString()),
                ]);
            }
        }
    }

    /// <summary>Creates a replay from files: transcripts (<see cref="AmpOptions.TranscriptPath"/>), or plain output of <c>amp --stream-json</c>.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="mocks">Mocks for the messages that no record answers; null for none.</param>
    /// <param name="cancellationToken">Cancels the read operation.</param>
    /// <exception cref="AmpValidationException">A file cannot be read, or contains no run.</exception>
    public static async Task<AmpReplay> FromFilesAsync(
        IEnumerable<string> paths, IEnumerable<AmpMock>? mocks = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        AmpReplay replay = new(mocks ?? []);
        foreach (string path in paths)
        {
            replay._records.AddRange(await RunRecord.ReadAsync(path, cancellationToken).ConfigureAwait(false));
        }

        return replay;
    }

    /// <summary>Returns the number of records, mocks and answered messages.</summary>
    public override string ToString() => $"{_records.Count} records, {_mocks.Count} mocks, {Calls.Count} calls";

    /// <summary>Gets the transport for a run on a host. Nothing connects to the host.</summary>
    internal AmpTransport TransportFor(SshTransport host) => new ReplayTransport(this, host);

    /// <summary>Finds the answer of a run.</summary>
    /// <exception cref="AmpValidationException">There is none.</exception>
    internal IReplayAnswer Find(RunPlan plan, string message)
    {
        lock (_lock)
        {
            if (_records.Find(record => record.HasNextTry && record.IsContinuedBy(plan)) is RunRecord again)
            {
                Note(plan, message, again.ToString());
                return again.Take(this);
            }

            RunRecord[] left = [.. _records.Where(record => !record.IsUsed)];
            if ((left.FirstOrDefault(record => record.DifferencesOf(plan, message).Count == 0) ?? (AllowDifference ? left.FirstOrDefault() : null)) is RunRecord record)
            {
                Note(plan, message, record.ToString());
                return record.Take(this);
            }

            return new MockAnswer(this, FindMock(plan, message));
        }
    }

    /// <summary>Finds the mock that answers a message.</summary>
    /// <exception cref="AmpValidationException">There is none.</exception>
    internal AmpMock FindMock(RunPlan plan, string message)
    {
        // A retry continues its thread with words of the library, but the caller has asked what it asked at first.
        string said = plan.IsRetry ? plan.AskedPrompt ?? message : message;
        lock (_lock)
        {
            foreach (AmpMock mock in _mocks)
            {
                int count = _answered.GetValueOrDefault(mock);
                if (count < (mock.Times ?? int.MaxValue) && Matches(mock, said))
                {
                    _answered[mock] = count + 1;
                    Note(plan, message, mock.ToString());
                    return mock;
                }
            }

            throw NoAnswer(plan, message);
        }
    }

    /// <summary>Creates the error for a run without an answer, or that differs from its record.</summary>
    internal static AmpValidationException Mismatch(string message, object? value) => new(
        message,
        nameof(CliOptions.Transport),
        "Record the run again, change the mock, or set AmpReplay.AllowDifference if the difference does not matter.",
        value,
        AmpErrorId.ReplayMismatch);

    /// <summary>Gets the beginning of a text for an error, in one line.</summary>
    internal static string Shown(string text)
    {
        string line = TerminalText.Strip(text).ReplaceLineEndings(" ");
        return TruncatedText.Shown(line, 100);
    }

    // Otherwise, it would fail in the run that it answers, or answer none.
    private static void Check(AmpMock mock)
    {
        if (mock.Times is int times && times < 1)
        {
            throw new AmpValidationException(
                $"The {mock} answers {times} messages.", nameof(AmpMock.Times), "Give a number of at least 1, or omit it for no limit.", times);
        }

        if (mock.ThreadId is string thread)
        {
            _ = ThreadReference.Parse(thread, nameof(AmpMock.ThreadId));
        }

        _ = ToolInput.ToPlain(mock.Output, nameof(AmpMock.Output));
        foreach (MockToolUse use in mock.ToolUses)
        {
            _ = ToolInput.ToPlain(use.Input, $"Input of {use.Name}");
            _ = ToolInput.ToPlain(use.Result, $"Result of {use.Name}");
        }
    }

    private AmpValidationException NoAnswer(RunPlan plan, string message)
    {
        string prompt = Shown(plan.Redact(message));
        string why = _records.Find(record => !record.IsUsed) is RunRecord next
            ? $"the next record, {next}, differs: {string.Join("; ", next.DifferencesOf(plan, message))}"
            : _mocks.Count == 0 ? $"all {_records.Count} records have been used"
            : $"no mock matches it ({string.Join(", ", _mocks.Select(mock => mock + (mock.Times is int times ? times == 1 ? ", once" : $", {times} times" : string.Empty)))})";
        return Mismatch($"Nothing answers the prompt '{prompt}': {why}.", prompt);
    }

    private void Note(RunPlan plan, string message, string answer) => _calls.Add(new ReplayCall(message, plan.Asked, plan.Given.ThreadId, plan.WorkingDirectory, answer));

    private static bool Matches(AmpMock mock, string message) => mock.Prompt is null
        || FileSystemName.MatchesSimpleExpression(mock.Prompt.Replace("\\", "\\\\", StringComparison.Ordinal), message);
}

/// <summary>A message to the agent that a replay has answered.</summary>
/// <param name="Prompt">The message.</param>
/// <param name="Options">The options of its run or session, as your code gave them.</param>
/// <param name="ThreadId">The thread that the run continues; null for a new one.</param>
/// <param name="WorkingDirectory">The folder in which the agent works; <c>~</c> for the home folder of another machine.</param>
/// <param name="Answer">The record or the mock that answered, in words.</param>
public sealed record ReplayCall(string Prompt, AmpOptions Options, string? ThreadId, string WorkingDirectory, string Answer)
{
    /// <summary>Returns the message.</summary>
    public override string ToString() => Prompt;
}
