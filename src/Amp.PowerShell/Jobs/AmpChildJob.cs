using System.Globalization;
using System.Management.Automation;
using Amp.Messages;
using Amp.PowerShell.Jobs;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell;

/// <summary>One run of an <see cref="AmpJob"/>, or the turns that it sends to a session. Its streams contain what the run writes.</summary>
public sealed class AmpChildJob : AgentJob
{
    // Not the lock of the status, which must be readable while a change of state is reported.
    private readonly object _changes = new();
    private readonly object _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly JobStreams _streams;
    private readonly StepCounter _steps = new();
    private string? _tool;
    private int _turns;
    private bool _isWaiting;
    private bool _isTaken;
    private bool _isEnded;

    internal AmpChildJob(string command, int number, string? host)
        : base(command, null, nameof(AmpChildJob), host ?? "localhost")
    {
        RunId = number;
        _streams = new JobStreams(this);
    }

    /// <summary>
    /// The number of the run, from 1, which its messages have too: the position of its prompt among what was piped in. With several hosts, runs are counted
    /// instead, the hosts of each prompt one after the other.
    /// </summary>
    public int RunId { get; }

    /// <summary>The prompt; null for the messages of a conversation.</summary>
    public string? Prompt { get; internal init; }

    /// <summary>The thread; null until the CLI has reported it.</summary>
    public string? ThreadId { get; private set; }

    /// <summary>The result; null before the run ends, or if the CLI reported none.</summary>
    public ResultMessage? Result { get; private set; }

    /// <summary>The ID of the error with which the run failed; null if it did not fail.</summary>
    public string? ErrorId { get; private set; }

    /// <summary>The tokens so far.</summary>
    public TokenUsage Usage
    {
        get
        {
            lock (_lock)
            {
                return new TokenUsage(_steps.Usage);
            }
        }
    }

    /// <summary>Whether there is data to receive, or there may be data later.</summary>
    public override bool HasMoreData => !HasEnded || Output.Count > 0 || Error.Count > 0 || Warning.Count > 0 || Verbose.Count > 0
        || Information.Count > 0 || Progress.Count > 0 || Debug.Count > 0;

    /// <summary>The progress of the run: its turn, its last tool, and the tokens so far.</summary>
    public override string StatusMessage
    {
        get
        {
            lock (_lock)
            {
                return _isWaiting ? "waiting to start"
                    : _turns == 0 ? string.Empty
                    : string.Create(CultureInfo.InvariantCulture, $"turn {_turns}{(_tool is null ? string.Empty : $", {_tool}")}, {_steps.Usage.Total:N0} tokens");
            }
        }
    }

    internal IRunStreams Streams => _streams;

    /// <summary>Canceled when this run alone is to stop.</summary>
    internal CancellationToken StopToken => _stop.Token;

    /// <summary>Writes what is received of a run that was stopped before it began; null for nothing.</summary>
    internal Action? StoppedBefore { get; set; }

    /// <summary>Not supported: the job starts its runs.</summary>
    public override void StartJob() => throw NotSupported();

    /// <summary>Stops the run with everything that it started, and returns when it has ended.</summary>
    public override void StopJob()
    {
        lock (_changes)
        {
            if (_isEnded)
            {
                return;
            }

            if (!_stop.IsCancellationRequested && JobStateInfo.State == JobState.Running)
            {
                // Not outside the lock, where it could come after the end.
                Change(JobState.Stopping);
            }
        }

        _stop.Cancel();
        if (!TryTake())
        {
            // Nothing of it has begun, so nothing else would say that it has ended.
            EndBefore(new OperationCanceledException());
        }

        if (!IsInside)
        {
            Finished.WaitOne();
        }
    }

    /// <summary>Asks for the run in order to start it.</summary>
    /// <returns>False if it was stopped before.</returns>
    internal bool TryTake()
    {
        lock (_changes)
        {
            _isTaken |= !_stop.IsCancellationRequested;
            return _isTaken;
        }
    }

    /// <summary>The run begins.</summary>
    internal void Begin()
    {
        lock (_changes)
        {
            Change(JobState.Running);
            if (_stop.IsCancellationRequested)
            {
                Change(JobState.Stopping);
            }
        }
    }

    /// <summary>Notes what the run reports, for those who ask how far it is.</summary>
    internal void Note(in AmpEvent item, RunPlan plan)
    {
        lock (_lock)
        {
            _isWaiting = item.Kind == AmpEventKind.Waiting || (_isWaiting && item.Kind != AmpEventKind.Started && item.Message is null);
            ThreadId ??= item.Message?.SessionId;
            Result = item.Message as ResultMessage ?? Result;
            if (item.Message is not AssistantMessage said)
            {
                return;
            }

            _turns += _steps.Add(said).IsTurn ? 1 : 0;
            if (said.ToolNames.Count > 0)
            {
                _tool = ToolCall.Safe(said.ToolNames[^1], plan);
            }
        }
    }

    /// <summary>The run has ended.</summary>
    /// <param name="failure">What it has failed by; a cancellation if it was stopped; null if it ended well.</param>
    internal void End(Exception? failure) => End(failure, null);

    /// <summary>The run ends without having begun, unless it has ended already.</summary>
    /// <param name="failure">A cancellation, or what has broken the job.</param>
    internal void EndBefore(Exception failure) => End(failure, failure is OperationCanceledException ? StoppedBefore : null);

    /// <summary>Removes what the run has written.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private void End(Exception? failure, Action? write)
    {
        lock (_changes)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            ErrorId = failure is OperationCanceledException ? AmpErrorId.Canceled : (failure as AmpException)?.ErrorId;
        }

        // Before the change of state, which closes the streams.
        write?.Invoke();
        Change(
            failure is null ? JobState.Completed : failure is OperationCanceledException ? JobState.Stopped : JobState.Failed,
            failure is OperationCanceledException ? null : failure);
    }
}
