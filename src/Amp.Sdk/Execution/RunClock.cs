using System.Diagnostics;
using Amp.Services;

namespace Amp.Execution;

/// <summary>
/// Watches a run's two time limits: the total one, which nothing extends, and the one on silence, which every byte from the
/// CLI restarts. While everybody waits for the consumer, or the CLI for a service of this side, the CLI is not silent.
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

        // 0 means no limit, as for the built-in cmdlets' -TimeoutSec.
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

    /// <summary>Gives the clock of the CLI's process, where this one is that of a part of its time; null before it runs.</summary>
    public Func<RunClock?>? OfProcess { get; init; }

    /// <summary>Whether everybody waits for this side.</summary>
    public bool IsHeld => _isPaused || _work.Any(work => work.IsUnderWay) || OfProcess?.Invoke()?.IsHeld == true;

    /// <summary>The CLI has written something.</summary>
    public void Touch() => Volatile.Write(ref _lastActivity, Stopwatch.GetTimestamp());

    /// <summary>From here on the consumer is waited for.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>The CLI is waited for again.</summary>
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

    // A timer that is set anew for every line would cost more than the line; this one looks when it could be time.
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

/// <summary>A run whose CLI has been started.</summary>
/// <param name="ProcessId">The CLI's process.</param>
/// <param name="Clock">Knows when the CLI was last heard of, and whether everybody waits for this side.</param>
internal sealed record StartedRun(int ProcessId, RunClock Clock);
