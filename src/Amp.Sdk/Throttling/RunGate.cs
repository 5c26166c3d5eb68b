namespace Amp.Throttling;

/// <summary>
/// Lets runs in, so many at a time. Runs that somebody started one by one go before those of a fleet, except that after a few of them a run of a
/// fleet has its turn. When the service throttles a run, fewer are let in for a while.
/// </summary>
/// <remarks>
/// A run that began before the last reduction does not reduce again: of many that were throttled together, each would halve what the one before
/// has left. Without a limit only fleets are reduced: nobody has said that single runs may have to wait for each other, and they may depend on each other.
/// Runs beside a reader are counted apart, with the same limit: the run that is read may end only when one of them has ended, and they end by themselves.
/// </remarks>
internal sealed class RunGate
{
    /// <summary>How long no run must be throttled before more are let in again.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(30);

    /// <summary>How long after one step of the recovery the next one comes.</summary>
    public static readonly TimeSpan StepTime = TimeSpan.FromSeconds(10);

    /// <summary>How many single runs go before a run of a fleet that waits.</summary>
    public const int SinglesInRow = 4;

    // The full limit is back after about this many steps.
    private const int Steps = 8;

    // A service that asks for more is asked again after this.
    private static readonly TimeSpan s_longestQuietTime = TimeSpan.FromMinutes(10);

    private static readonly AsyncLocal<RunOrigin> s_origin = new();

    private readonly object _lock = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly RunCount _callers = new();
    private readonly RunCount _beside = new();
    private int? _limit;
    private int? _reduced;
    private int _target;
    private int _reductions;
    private long _nextStep;

    public RunGate(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => Recover(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The one of this process.</summary>
    public static RunGate Shared { get; } = new(TimeProvider.System);

    /// <summary>Who may wait for the runs that this code starts.</summary>
    public static RunOrigin Origin
    {
        get => s_origin.Value;
        set => s_origin.Value = value;
    }

    /// <summary>How many runs are let in at a time; null for no limit. To set it ends a reduction.</summary>
    public int? Limit
    {
        get
        {
            lock (_lock)
            {
                return _limit;
            }
        }

        set
        {
            lock (_lock)
            {
                _limit = value;
                EndReduction();
                LetIn();
            }
        }
    }

    public ThrottleState State
    {
        get
        {
            lock (_lock)
            {
                return new ThrottleState(_limit, _reduced ?? _limit, _callers.Running + _beside.Running, _callers.Waiting + _beside.Waiting, _reduced is null ? null : End);
            }
        }
    }

    /// <summary>Asks for a place. It is granted at once where there is room, and otherwise when it is its turn.</summary>
    /// <param name="isInFleet">Whether the run is one of a fleet.</param>
    public RunPlace Ask(bool isInFleet)
    {
        if (Origin == RunOrigin.Run)
        {
            return RunPlace.OfNobody;
        }

        lock (_lock)
        {
            RunPlace place = new(this, Origin == RunOrigin.BesideReader ? _beside : _callers, isInFleet);
            place.Count!.Add(place);
            LetIn();
            return place;
        }
    }

    /// <summary>How many runs are let in at a time, how many of those that are counted with a place are, and what to add about the others.</summary>
    internal (int? Limit, int Running, string Others) StateOf(RunPlace place)
    {
        lock (_lock)
        {
            return (_reduced ?? _limit, place.Count!.Running, Others);
        }
    }

    /// <summary>Takes a place back, or takes somebody out of the queue.</summary>
    internal void Leave(RunPlace place)
    {
        lock (_lock)
        {
            place.Count!.Remove(place);
            LetIn();
        }
    }

    /// <summary>The service has throttled a run.</summary>
    /// <param name="place">The run's place.</param>
    /// <param name="wait">How long the service asks to wait; null where it does not say.</param>
    /// <returns>What to tell about it; null where nothing is reduced by it.</returns>
    internal string? NoteThrottled(RunPlace place, TimeSpan? wait)
    {
        lock (_lock)
        {
            TimeSpan quiet = wait > QuietTime ? wait < s_longestQuietTime ? wait.Value : s_longestQuietTime : QuietTime;
            if (_reduced is not null)
            {
                PutOff(quiet > Left ? quiet : Left);
            }

            // Each of the two counts has the limit.
            int running = Math.Max(_callers.Running, _beside.Running);
            if (place.Reductions != _reductions || (_limit is null && running < 2))
            {
                return null;
            }

            int full = _limit ?? running;
            int reduced = Math.Max(1, Math.Min(_reduced ?? full, running) / 2);
            if (_reduced is null)
            {
                // A limit of 1 cannot be reduced.
                if (reduced >= full)
                {
                    return null;
                }

                _target = full;
                PutOff(quiet);
            }

            _reduced = reduced;
            _reductions++;
            string most = _reduced == 1 ? "another run is" : $"{_reduced} or more runs are";
            return $"The service throttled a run. {(_limit is null ? "Fleets start no run" : "No run starts")} while {most} active. "
                + $"This number rises step by step until about {End.ToLocalTime():HH:mm:ss}.{Others}";
        }
    }

    // Without a limit of its own nothing keeps a single run.
    private int MostForSingles => _limit is null ? int.MaxValue : _reduced ?? _limit.Value;

    private int MostForFleets => _reduced ?? _limit ?? int.MaxValue;

    // Without it, the numbers of one count contradict the sum of both in the state.
    private string Others => _beside.Running + _beside.Waiting > 0 ? " Runs that a pipeline starts beside the one that it reads are counted apart." : string.Empty;

    private int Step => Math.Max(1, _target / Steps);

    private DateTimeOffset End => _time.GetUtcNow() + Left + (Math.Max(0, ((_target - _reduced!.Value + Step - 1) / Step) - 1) * StepTime);

    // Not by the time of day, which may be set.
    private TimeSpan Left => _time.GetElapsedTime(_time.GetTimestamp(), _nextStep);

    private void LetIn()
    {
        while ((_callers.Next(MostForSingles, MostForFleets) ?? _beside.Next(MostForSingles, MostForFleets)) is RunPlace place)
        {
            place.Grant(_reductions);
        }
    }

    private void Recover()
    {
        lock (_lock)
        {
            // A throttled run may have put it off while this was about to run.
            if (_reduced is null || Left > TimeSpan.Zero)
            {
                return;
            }

            _reduced += Step;
            if (_reduced >= _target)
            {
                EndReduction();
            }
            else
            {
                PutOff(StepTime);
            }

            LetIn();
        }
    }

    private void EndReduction()
    {
        _reduced = null;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void PutOff(TimeSpan time)
    {
        _nextStep = _time.GetTimestamp() + (long)(time.TotalSeconds * _time.TimestampFrequency);

        // Timers and clocks differ by fractions of a millisecond, and one that is early would be the last.
        _timer.Change(time + TimeSpan.FromMilliseconds(20), Timeout.InfiniteTimeSpan);
    }
}
