using System.Globalization;
using System.Management.Automation;
using Amp.PowerShell.State;

namespace Amp.PowerShell;

/// <summary>
/// Runs of <c>Invoke-AmpAgent -AsJob</c>, or turns of <c>Send-AmpMessage -AsJob</c>, that work while the caller continues. Each run is a child job
/// (<see cref="AmpChildJob"/>). The job does not require a pipeline thread, and ends with the runspace that started it.
/// </summary>
public sealed class AmpJob : AgentJob
{
    private static readonly TimeSpan s_reportLimit = TimeSpan.FromSeconds(2);

    private readonly object _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly AmpChildJob[] _runs;
    private readonly Func<CancellationToken, Task> _work;
    private readonly RunspaceState _state;
    private Task? _ended;
    private bool _isStopped;
    private bool _isDisposed;

    /// <param name="command">What the job does, in words.</param>
    /// <param name="name">The name; null for a name made from its number.</param>
    /// <param name="runs">Its runs.</param>
    /// <param name="work">Does them. It ends each run that it begins.</param>
    /// <param name="state">The state of the runspace with which the job ends.</param>
    internal AmpJob(string command, string? name, IReadOnlyList<AmpChildJob> runs, Func<CancellationToken, Task> work, RunspaceState state)
        : base(command, name, nameof(AmpJob), string.Join(',', runs.Select(run => run.Location).Distinct(StringComparer.OrdinalIgnoreCase)))
    {
        _runs = [.. runs];
        _work = work;
        _state = state;
        foreach (AmpChildJob run in _runs)
        {
            ChildJobs.Add(run);
        }
    }

    /// <summary>The number of runs.</summary>
    public int Runs => _runs.Length;

    /// <summary>The number of runs that have ended, successfully or not.</summary>
    public int Done => _runs.Count(run => run.HasEnded);

    /// <summary>The number of runs that have failed.</summary>
    public int Failed => _runs.Count(run => run.JobStateInfo.State == JobState.Failed);

    /// <summary>Whether there is data to receive, or there may be data later.</summary>
    public override bool HasMoreData => _runs.Any(run => run.HasMoreData);

    /// <summary>The number of runs that have ended, and the progress of the active run if it is the only one.</summary>
    public override string StatusMessage
    {
        get
        {
            if (_runs.Length == 1)
            {
                return _runs[0].StatusMessage;
            }

            int failed = Failed;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Done} of {_runs.Length} ended{(failed > 0 ? $", {failed} failed" : string.Empty)}, {_runs.Count(run => run.JobStateInfo.State == JobState.Running)} running");
        }
    }

    /// <summary>Starts the runs. <c>-AsJob</c> has already started them.</summary>
    /// <exception cref="PSNotSupportedException">The job was started before.</exception>
    public override void StartJob()
    {
        lock (_lock)
        {
            if (_ended is not null)
            {
                throw NotSupported();
            }

            // Who reads a run in this runspace may wait for the job there, and its runs must then not wait for that run.
            using IDisposable? beside = _state.IsReading ? AmpThrottle.EnterBesideReader() : null;
            TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _ended = Task.Run(async () =>
            {
                IsInside = true;
                await begun.Task.ConfigureAwait(false);
                await RunAsync().ConfigureAwait(false);
            });
            IDisposable owned = _state.Background.Add(EndAsync);
            _ = _ended.ContinueWith(_ => owned.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            Change(JobState.Running);
            begun.SetResult();
        }
    }

    /// <summary>Stops all runs with everything that they started, and returns when they have ended.</summary>
    public override void StopJob() => EndAsync().GetAwaiter().GetResult();

    /// <summary>Stops the active runs, and removes what the runs have written.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            StopJob();

            // Its last change of state may still be reported, which a handler of it, that disposes of the job, would wait for in vain.
            _ended?.Wait(s_reportLimit);
            _stop.Dispose();
            foreach (AmpChildJob run in _runs)
            {
                run.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private async Task EndAsync()
    {
        bool isFirst = false;
        Task ended;
        lock (_lock)
        {
            // A handler of its last change of state must not wait for itself.
            if (_ended is null || HasEnded)
            {
                return;
            }

            ended = _ended;
            if (!_isStopped)
            {
                // Not outside the lock, where it could come after the end.
                isFirst = _isStopped = true;
                Change(JobState.Stopping);
            }
        }

        if (isFirst)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }

        if (!IsInside)
        {
            await ended.ConfigureAwait(false);
        }
    }

    private async Task RunAsync()
    {
        Exception? broken = null;
        try
        {
            await _work(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            broken = exception;
        }

        foreach (AmpChildJob run in _runs)
        {
            run.EndBefore(broken ?? new OperationCanceledException());

            // Somebody else may just be stopping it, and what that writes is part of the job. A handler of it that waits for the job would wait in vain.
            run.Finished.WaitOne(s_reportLimit);
        }

        JobState state;
        lock (_lock)
        {
            state = _isStopped ? JobState.Stopped
                : Failed > 0 ? JobState.Failed
                : _runs.Any(run => run.JobStateInfo.State == JobState.Stopped) ? JobState.Stopped
                : JobState.Completed;
            _isStopped = true;
        }

        Change(state);
    }
}
