using System.Diagnostics;
using Amp.Services;

namespace Amp.Execution;

/// <summary>
/// Monitors the two time limits of a run: the total one, which nothing extends, and the limit on silence, which every byte from the CLI
/// restarts. While the CLI waits for the consumer, for the caller's next message or for a service of this process, its silence does not count.
/// </summary>
internal sealed class RunClock : IDisposable
{
    private readonly TimeSpan _idleLimit;
    private readonly IReadOnlyList<RunWork> _work;
    private readonly Action<StopReason> _expired;
    private readonly Timer? _total;
    private readonly Timer? _idle;
    private long _lastActivity = Stopwatch.GetTimestamp();
    private volatile bool _isPaused;

    public RunClock(TimeSpan? total, TimeSpan? idle, IReadOnlyList<RunWork> work, Action<StopReason> expired)
    {
        _idleLimit = idle ?? TimeSpan.Zero;
        _work = work;
        _expired = expired;

        // 0 means no limit, as for -TimeoutSec of the built-in cmdlets.
        if (total > TimeSpan.Zero)
        {
            _total = new Timer(_ => expired(StopReason.Timeout), null, total.Value, Timeout.InfiniteTimeSpan);
        }

        if (idle > TimeSpan.Zero)
        {
            _idle = new Timer(_ => CheckIdle(), null, Timeout.Infinite, Timeout.Infinite);
            _idle.Change(idle.Value, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Gets the clock of the CLI's process, if this clock is for a part of its time; null before it starts.</summary>
    public Func<RunClock?>? OfProcess { get; init; }

    /// <summary>Whether the CLI waits for this process.</summary>
    public bool IsHeld => _isPaused || _work.Any(work => work.IsUnderWay) || OfProcess?.Invoke()?.IsHeld == true;

    /// <summary>Records that the CLI has written something.</summary>
    public void Touch() => Volatile.Write(ref _lastActivity, Stopwatch.GetTimestamp());

    /// <summary>Records that the consumer is awaited.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>Records that the CLI is awaited again.</summary>
    public void Resume()
    {
        Touch();
        _isPaused = false;
    }

    public void Dispose()
    {
        _total?.Dispose();
        _idle?.Dispose();
    }

    private long LastActivity => _work.Select(work => work.LastEnded)
        .Append(Volatile.Read(ref _lastActivity))
        .Append(OfProcess?.Invoke()?.LastActivity ?? 0)
        .Max();

    // Restarting a timer for every line would cost more than the line, so this timer only checks when the time may be over.
    private void CheckIdle()
    {
        TimeSpan left = IsHeld ? _idleLimit : _idleLimit - Stopwatch.GetElapsedTime(LastActivity);
        if (left <= TimeSpan.Zero)
        {
            _expired(StopReason.IdleTimeout);
            return;
        }

        try
        {
            _idle!.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The run has just ended.
        }
    }
}

/// <summary>A run whose CLI has started.</summary>
/// <param name="ProcessId">The process ID of the CLI, or of what carries it, on this machine; null if there is none.</param>
/// <param name="Clock">The clock, which knows when the CLI last wrote something and whether it waits for this process.</param>
/// <param name="Account">The account of the run, which is complete when the run has ended.</param>
internal sealed record StartedRun(int? ProcessId, RunClock Clock, RunAccount Account);
