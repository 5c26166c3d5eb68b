using Amp.Throttling;

namespace Amp.Sdk.Tests.Throttling;

/// <summary>Who is let in when, without any run.</summary>
public sealed class RunGateTests
{
    private readonly ManualTime _time = new();
    private readonly RunGate _gate;

    public RunGateTests() => _gate = new RunGate(_time);

    [Fact]
    public void As_many_as_the_limit_says_are_let_in_and_the_next_when_one_leaves()
    {
        _gate.Limit = 2;
        RunPlace[] places = Ask(3, isInFleet: false);
        Assert.Equal([true, true, false], places.Select(place => place.IsGranted));
        Assert.Equal(new ThrottleState(2, 2, 2, 1, null), _gate.State);
        places[0].Dispose();
        places[0].Dispose();
        Assert.True(places[2].IsGranted);
        Assert.Equal(new ThrottleState(2, 2, 2, 0, null), _gate.State);
    }

    [Fact]
    public void Without_a_limit_everybody_is_let_in()
    {
        Assert.All(Ask(100, isInFleet: true), place => Assert.True(place.IsGranted));
        Assert.Equal(new ThrottleState(null, null, 100, 0, null), _gate.State);
    }

    [Fact]
    public void A_higher_limit_lets_in_who_waits_and_a_lower_one_stops_nobody()
    {
        _gate.Limit = 1;
        RunPlace[] places = Ask(4, isInFleet: false);
        _gate.Limit = 3;
        Assert.Equal([true, true, true, false], places.Select(place => place.IsGranted));
        _gate.Limit = 1;
        places[0].Dispose();
        places[1].Dispose();
        Assert.False(places[3].IsGranted);
        places[2].Dispose();
        Assert.True(places[3].IsGranted);
    }

    [Fact]
    public void Single_runs_go_before_a_fleet_which_has_its_turn_after_some_of_them()
    {
        _gate.Limit = 1;
        RunPlace first = _gate.Ask(isInFleet: false);
        RunPlace[] fleet = Ask(2, isInFleet: true);
        RunPlace[] singles = Ask(7, isInFleet: false);
        List<RunPlace> order = [];
        RunPlace atWork = first;
        RunPlace[] waiting = [.. fleet, .. singles];
        while (waiting.Length > 0)
        {
            atWork.Dispose();
            atWork = Assert.Single(waiting, place => place.IsGranted);
            order.Add(atWork);
            waiting = [.. waiting.Where(place => place != atWork)];
        }

        Assert.Equal([.. singles[..RunGate.SinglesInRow], fleet[0], .. singles[RunGate.SinglesInRow..], fleet[1]], order);
    }

    [Fact]
    public async Task Waiting_can_be_given_up()
    {
        _gate.Limit = 1;
        RunPlace first = _gate.Ask(isInFleet: false);
        using CancellationTokenSource source = new();
        RunPlace second = _gate.Ask(isInFleet: false);
        Task waiting = second.WaitAsync(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAsync<AmpCanceledException>(() => waiting);
        second.Dispose();
        Assert.Equal(0, _gate.State.Waiting);
        first.Dispose();
        Assert.Equal(0, _gate.State.Running);
    }

    [Fact]
    public void The_first_of_many_throttled_runs_halves_the_limit_which_recovers_step_by_step()
    {
        _gate.Limit = 16;
        RunPlace[] places = Ask(16, isInFleet: false);
        Assert.DoesNotContain("beside", Assert.IsType<string>(places[0].NoteError("429 too many requests")), StringComparison.Ordinal);
        Assert.All(places, place => Assert.Null(place.NoteError("Overloaded")));
        Assert.Equal(8, _gate.State.EffectiveLimit);
        Array.ForEach(places, place => place.Dispose());
        RunPlace[] next = Ask(9, isInFleet: false);
        Assert.Equal(8, next.Count(place => place.IsGranted));

        // One that began after that halves again.
        Assert.NotNull(next[0].NoteError("Overloaded"));
        Assert.Equal(4, _gate.State.EffectiveLimit);
        Assert.Equal(_time.GetUtcNow() + RunGate.QuietTime + (5 * RunGate.StepTime), _gate.State.ReducedUntil);
        _time.Pass(RunGate.QuietTime - TimeSpan.FromSeconds(1));
        Assert.Equal(4, _gate.State.EffectiveLimit);
        List<int?> limits = [];
        _time.Pass(TimeSpan.FromSeconds(2));
        while (_gate.State.ReducedUntil is not null)
        {
            limits.Add(_gate.State.EffectiveLimit);
            _time.Pass(RunGate.StepTime + TimeSpan.FromSeconds(1));
        }

        Assert.Equal([6, 8, 10, 12, 14], limits);
        Assert.Equal(16, _gate.State.EffectiveLimit);
        Assert.All(next, place => Assert.True(place.IsGranted));
    }

    [Fact]
    public void A_service_that_asks_for_more_time_gets_it()
    {
        _gate.Limit = 2;
        RunPlace[] places = Ask(2, isInFleet: false);
        places[0].NoteError("Rate limit reached, try again in 2 minutes");
        _time.Pass(TimeSpan.FromSeconds(119));
        Assert.Equal(1, _gate.State.EffectiveLimit);
        _time.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(2, _gate.State.EffectiveLimit);
    }

    [Fact]
    public void Without_a_limit_fleets_alone_are_reduced()
    {
        RunPlace[] places = Ask(6, isInFleet: true);
        Assert.NotNull(places[0].NoteError("Overloaded"));
        Assert.Equal(3, _gate.State.EffectiveLimit);
        Assert.True(_gate.Ask(isInFleet: false).IsGranted);
        Assert.False(_gate.Ask(isInFleet: true).IsGranted);
    }

    [Theory]
    [InlineData("Out of credits")]
    [InlineData("The file 4290.txt is not there")]
    public void Other_errors_change_nothing(string error)
    {
        _gate.Limit = 4;
        Assert.All(Ask(4, isInFleet: false), place => Assert.Null(place.NoteError(error)));
        Assert.Equal(4, _gate.State.EffectiveLimit);
    }

    [Fact]
    public void One_run_alone_and_without_a_limit_reduces_nothing()
    {
        Assert.Null(_gate.Ask(isInFleet: false).NoteError("Overloaded"));
        Assert.Null(_gate.State.ReducedUntil);
    }

    [Fact]
    public void A_limit_of_one_is_not_reduced()
    {
        _gate.Limit = 1;
        Assert.Null(_gate.Ask(isInFleet: true).NoteError("Overloaded, try again in 2 minutes"));
        Assert.Equal(new ThrottleState(1, 1, 1, 0, null), _gate.State);
    }

    [Fact]
    public void To_set_the_limit_ends_a_reduction()
    {
        _gate.Limit = 4;
        Ask(4, isInFleet: false)[0].NoteError("Overloaded");
        _gate.Limit = 4;
        Assert.Equal(new ThrottleState(4, 4, 4, 0, null), _gate.State);
    }

    [Fact]
    public void What_a_run_waits_for_takes_no_place()
    {
        _gate.Limit = 1;
        RunPlace outer = _gate.Ask(isInFleet: false);
        using (AmpThrottle.EnterCallback())
        {
            RunPlace inner = _gate.Ask(isInFleet: true);
            Assert.True(inner.IsGranted);
            inner.Dispose();
        }

        Assert.Equal(1, _gate.State.Running);
        Assert.False(_gate.Ask(isInFleet: true).IsGranted);
        outer.Dispose();
    }

    [Fact]
    public void What_is_beside_a_reader_has_a_second_count_with_the_same_limit()
    {
        _gate.Limit = 1;
        RunPlace read = _gate.Ask(isInFleet: false);
        RunPlace[] beside = AskBeside(3, isInFleet: true);
        Assert.Equal([true, false, false], beside.Select(place => place.IsGranted));
        Assert.Equal(new ThrottleState(1, 1, 2, 2, null), _gate.State);

        // Neither gives way to the other.
        RunPlace next = _gate.Ask(isInFleet: false);
        beside[0].Dispose();
        Assert.Equal((false, true, false), (next.IsGranted, beside[1].IsGranted, beside[2].IsGranted));
        read.Dispose();
        Assert.Equal((true, false), (next.IsGranted, beside[2].IsGranted));
        beside[2].Dispose();
        beside[1].Dispose();
        next.Dispose();
        Assert.Equal(new ThrottleState(1, 1, 0, 0, null), _gate.State);
    }

    [Fact]
    public void Beside_a_reader_single_runs_go_first_and_fleets_have_their_turn_too()
    {
        _gate.Limit = 1;
        RunPlace atWork = AskBeside(1, isInFleet: false)[0];
        RunPlace fleet = AskBeside(1, isInFleet: true)[0];
        RunPlace[] singles = AskBeside(RunGate.SinglesInRow + 1, isInFleet: false);
        foreach (RunPlace single in singles[..^1])
        {
            atWork.Dispose();
            atWork = single;
            Assert.True(single.IsGranted);
        }

        atWork.Dispose();
        Assert.Equal((true, false), (fleet.IsGranted, singles[^1].IsGranted));
    }

    [Fact]
    public void A_throttled_run_beside_a_reader_reduces_both_counts()
    {
        _gate.Limit = 4;
        RunPlace[] beside = AskBeside(5, isInFleet: true);

        // More run than the effective limit says.
        Assert.Contains("beside", Assert.IsType<string>(beside[0].NoteError("Overloaded")), StringComparison.Ordinal);
        Assert.Equal(2, _gate.State.EffectiveLimit);
        RunPlace[] callers = Ask(3, isInFleet: false);
        Assert.Equal([true, true, false], callers.Select(place => place.IsGranted));
        Assert.All((RunPlace[])[callers[2], beside[4]], place => Assert.Contains("beside", place.Waiting(), StringComparison.Ordinal));
        beside[0].Dispose();
        Assert.False(beside[4].IsGranted);
        beside[1].Dispose();
        beside[2].Dispose();
        Assert.True(beside[4].IsGranted);
    }

    [Fact]
    public void What_a_run_waits_for_takes_no_place_beside_a_reader_either()
    {
        _gate.Limit = 1;
        using (AmpThrottle.EnterCallback())
        {
            Assert.All(AskBeside(2, isInFleet: true), place => Assert.True(place.IsGranted));
        }

        Assert.Equal(0, _gate.State.Running);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_limit_that_lets_nobody_in_is_refused(int limit) =>
        Assert.Equal(AmpErrorId.InvalidOption, Assert.Throws<AmpValidationException>(() => AmpThrottle.Limit = limit).ErrorId);

    private RunPlace[] AskBeside(int count, bool isInFleet)
    {
        using IDisposable beside = AmpThrottle.EnterBesideReader();
        return Ask(count, isInFleet);
    }

    private RunPlace[] Ask(int count, bool isInFleet) => [.. Enumerable.Range(0, count).Select(_ => _gate.Ask(isInFleet))];

    /// <summary>A clock that a test moves, whose timers fire in the meantime.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private readonly List<Timer> _timers = [];
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.Ticks;

        public void Pass(TimeSpan time)
        {
            DateTimeOffset end = _now + time;
            while (_timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due) is Timer next)
            {
                _now = next.Due!.Value;
                next.Fire();
            }

            _now = end;
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Timer timer = new(this, () => callback(state));
            timer.Change(dueTime, period);
            _timers.Add(timer);
            return timer;
        }

        private sealed class Timer(ManualTime time, Action callback) : ITimer
        {
            public DateTimeOffset? Due { get; private set; }

            public void Fire()
            {
                Due = null;
                callback();
            }

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                Due = dueTime < TimeSpan.Zero ? null : time.GetUtcNow() + dueTime;
                return true;
            }

            public void Dispose() => Due = null;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
