using System.Diagnostics;
using Amp.Messages;

namespace Amp.Execution;

/// <summary>
/// Detects that a CLI waits for its service in vain. The native builds try forever to reach a lost service and report it only on standard
/// error; they also ask the service before they write a guarded file, and wait forever if it does not answer (0.0.1784106548 to
/// 0.0.1790142911; 0.0.1767830505 waits too). A line on standard output means that the run continues.
/// </summary>
internal sealed class ServiceWatch : IDisposable
{
    // A message that is read so soon after a report may have been written before it, because both have a pipe of their own.
    private static readonly TimeSpan s_overlap = TimeSpan.FromSeconds(2);

    private readonly object _lock = new();
    private readonly TimeSpan _limit;
    private readonly bool _guardsFiles;
    private readonly Func<bool> _isHeld;
    private readonly Action<StopReason> _expired;
    private readonly Timer? _timer;
    private long _since;
    private long _firstLoss;
    private long _lastLoss;
    private UnansweredCalls _calls;
    private bool _isIdle;
    private volatile bool _hasRecovered;

    /// <param name="limit">The maximum wait; zero for no limit.</param>
    /// <param name="guardsFiles">Whether it may ask the service about files.</param>
    /// <param name="isHeld">Returns whether the CLI waits for this process.</param>
    /// <param name="expired">Called when the limit is exceeded.</param>
    public ServiceWatch(TimeSpan limit, bool guardsFiles, Func<bool> isHeld, Action<StopReason> expired)
    {
        _limit = limit;
        _guardsFiles = guardsFiles;
        _isHeld = isHeld;
        _expired = expired;
        _timer = limit > TimeSpan.Zero ? new Timer(_ => Look(), null, Timeout.Infinite, Timeout.Infinite) : null;
    }

    /// <summary>Whether messages followed the last report that the service was lost, which is then not the cause of a later end.</summary>
    public bool HasRecovered => _hasRecovered;

    /// <summary>Records that the CLI has reported that it cannot reach its service.</summary>
    public void NoteLoss()
    {
        lock (_lock)
        {
            _lastLoss = Stopwatch.GetTimestamp();
            _hasRecovered = false;
            if (_firstLoss == 0)
            {
                _firstLoss = _lastLoss;
                Begin();
            }
        }
    }

    /// <summary>Records that the CLI has written a message.</summary>
    /// <param name="calls">The calls without a result.</param>
    /// <param name="isIdle">Whether it has nothing to do until it gets another message.</param>
    public void NoteMessage(UnansweredCalls calls, bool isIdle)
    {
        lock (_lock)
        {
            _hasRecovered |= _lastLoss != 0 && Stopwatch.GetElapsedTime(_lastLoss) > s_overlap;
            if (_timer is null)
            {
                return;
            }

            _calls = calls;
            _isIdle = isIdle;
            _firstLoss = 0;
            if (_guardsFiles && calls == UnansweredCalls.OnlyWrites)
            {
                Begin();
            }
            else
            {
                _since = 0;
            }
        }
    }

    /// <summary>Records that the CLI has got another message.</summary>
    public void NoteInput()
    {
        lock (_lock)
        {
            _isIdle = false;
            _since = _since == 0 ? 0 : Stopwatch.GetTimestamp();
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Begin()
    {
        _since = Stopwatch.GetTimestamp();
        Set(_limit);
    }

    private void Look()
    {
        StopReason reason;
        lock (_lock)
        {
            if (_since == 0)
            {
                return;
            }

            if (_isIdle || _isHeld())
            {
                // The time of other work is not the service's, and the limit restarts after it.
                Begin();
                return;
            }

            TimeSpan left = _limit - Stopwatch.GetElapsedTime(_since);
            if (left > TimeSpan.Zero)
            {
                Set(left + TimeSpan.FromMilliseconds(1));
                return;
            }

            reason = IsLost ? StopReason.ServiceLost : _guardsFiles && _calls == UnansweredCalls.OnlyWrites ? StopReason.QuestionUnanswered : StopReason.None;
            if (reason == StopReason.None)
            {
                Begin();
                return;
            }
        }

        _expired(reason);
    }

    // A tool can take long and write nothing, and the service may return long before it ends: only a second report proves that it has not.
    private bool IsLost => _firstLoss != 0
        && (_calls == UnansweredCalls.None || Stopwatch.GetElapsedTime(_firstLoss, _lastLoss) >= _limit / 2);

    private void Set(TimeSpan time)
    {
        try
        {
            _timer?.Change(time, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The run has just ended.
        }
    }
}
