using Amp.Sdk.Tests.Ends;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Throttling;

/// <summary>Runs, turns and fleets that wait for each other. Alone, since the limit is that of the process.</summary>
[Collection(nameof(Alone))]
public sealed class ThrottleTests : IDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ThrottleTests() => AmpThrottle.Limit = 1;

    public void Dispose() => AmpThrottle.Limit = null;

    [Fact]
    public async Task A_run_waits_says_so_and_its_time_begins_when_it_starts()
    {
        using FakeRun first = new();
        first.Follow(new FakeCliScript().Init().WaitFor(first.Mark("go")).Result("first"));
        using FakeRun second = new(new FakeCliScript().Echo());
        second.Options = second.Options with { Timeout = TimeSpan.FromSeconds(20), RetryLimit = 1 };
        Task<RunOutcome> running = first.RunAsync();
        await FakeRun.WaitForAsync(() => AmpThrottle.GetState().Running == 1, "the first run");
        Task<RunOutcome> waiting = second.RunAsync("second");
        await FakeRun.WaitForAsync(() => AmpThrottle.GetState().Waiting == 1, "the second run");
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        Assert.DoesNotContain(FakeCliRecord.ReadAll(second.Log), record => record.Kind == "Run");
        await File.WriteAllTextAsync(first.Mark("go"), "", Token);
        (await running).Succeeded("first");
        RunOutcome outcome = await waiting;
        outcome.Succeeded("Echo: second");
        Assert.Equal(AmpEventKind.Waiting, outcome.Events[0].Kind);
        Assert.Equal(new ThrottleState(1, 1, 0, 0, null), AmpThrottle.GetState());
    }

    [Fact]
    public async Task Waiting_is_cancelled_without_a_start()
    {
        using FakeRun first = new(new FakeCliScript().Init().Hang());
        using FakeRun second = new(new FakeCliScript().Echo());
        using CancellationTokenSource stopFirst = new();
        using CancellationTokenSource stopSecond = new();
        Task<RunOutcome> running = first.RunUntilAsync(stopFirst.Token);
        await FakeRun.WaitForAsync(() => AmpThrottle.GetState().Running == 1, "the first run");
        Task<RunOutcome> waiting = second.RunUntilAsync(stopSecond.Token);
        await FakeRun.WaitForAsync(() => AmpThrottle.GetState().Waiting == 1, "the second run");
        await stopSecond.CancelAsync();
        (await waiting).Canceled();
        Assert.Equal(0, AmpThrottle.GetState().Waiting);
        await stopFirst.CancelAsync();
        (await running).Canceled();
        Assert.Equal(0, AmpThrottle.GetState().Running);
    }

    [Fact]
    public async Task A_single_run_goes_before_what_waits_of_a_fleet()
    {
        using FakeRun first = new();
        first.Follow(new FakeCliScript().Init().WaitFor(first.Mark("go")).Result("done"));
        using FakeRun fast = new(new FakeCliScript().Echo());
        List<string> order = [];
        Task<RunOutcome> running = first.RunAsync();
        await FakeRun.WaitForAsync(() => AmpThrottle.GetState().Running == 1, "the first run");
        Task fleet = Task.Run(
            async () =>
            {
                await foreach (FleetEvent item in AmpFleet.StreamAsync(Enumerable.Range(0, 3).Select(i => new FleetItem($"fleet {i}", fast.Options)), 3, Token))
                {
                    if (item.Message is ResultMessage result)
                    {
                        lock (order)
                        {
                            order.Add(result.Result!);
                        }
                    }
                }
            },
            Token);
        await FakeRun.WaitForAsync(() => AmpThrottle.GetState().Waiting == 3, "the fleet");
        Task<RunOutcome> single = RunOutcome.OfAsync(AmpClient.PlanAsync("single", fast.Options, Token), "single", Token, item =>
        {
            if (item.Message is ResultMessage result)
            {
                lock (order)
                {
                    order.Add(result.Result!);
                }
            }
        });
        await FakeRun.WaitForAsync(() => AmpThrottle.GetState().Waiting == 4, "the single run");
        await File.WriteAllTextAsync(first.Mark("go"), "", Token);
        await Task.WhenAll(running, single, fleet).WaitAsync(FakeRun.HangLimit, Token);
        Assert.Equal("Echo: single", order[0]);
        Assert.Equal(4, order.Count);
    }

    [Fact]
    public async Task Turns_of_sessions_take_places_and_their_processes_none()
    {
        using FakeRun run = new(new FakeCliScript().Echo());
        await using AmpSession one = await AmpSession.OpenAsync(run.Options, cancellationToken: Token);
        await using AmpSession other = await AmpSession.OpenAsync(run.Options with { Timeout = TimeSpan.FromSeconds(20) }, cancellationToken: Token);
        Assert.Equal("Echo: a", await one.AnswerAsync("a"));
        Assert.NotNull(one.ProcessId);
        Assert.Equal("Echo: b", await other.AnswerAsync("b"));
        using FakeRun holds = new();
        holds.Follow(new FakeCliScript().Init().WaitFor(holds.Mark("go")).Result("done"));
        Task<RunOutcome> running = holds.RunAsync();
        await FakeRun.WaitForAsync(() => AmpThrottle.GetState().Running == 1, "the run");
        other.Post(new UserInputMessage("c"));
        Assert.Equal(AmpSessionState.Running, other.State);
        Assert.Equal(1, AmpThrottle.GetState().Waiting);

        // One that is broken off before it began leaves the session and its process as they are.
        int? process = one.ProcessId;
        one.Post(new UserInputMessage("never"));
        Assert.True(await one.StopTurnAsync());
        await Assert.ThrowsAsync<AmpCanceledException>(() => one.ReceivedAsync(waitForEnd: true));
        Assert.Equal(process, one.ProcessId);
        await File.WriteAllTextAsync(holds.Mark("go"), "", Token);
        (await running).Succeeded("done");
        List<AmpEvent> received = await other.ReceivedAsync(waitForEnd: true).WaitAsync(FakeRun.HangLimit, Token);
        Assert.Equal(AmpEventKind.Waiting, received[0].Kind);
        Assert.Equal("Echo: c", received[^1].Message!.Text);
        Assert.Equal("Echo: d", await one.AnswerAsync("d"));
        Assert.Equal(new ThrottleState(1, 1, 0, 0, null), AmpThrottle.GetState());
    }

    [Fact]
    public async Task A_session_ends_while_its_turn_waits()
    {
        using FakeRun holds = new(new FakeCliScript().Init().Hang());
        using CancellationTokenSource stop = new();
        Task<RunOutcome> running = holds.RunUntilAsync(stop.Token);
        await FakeRun.WaitForAsync(() => AmpThrottle.GetState().Running == 1, "the run");
        using FakeRun run = new(new FakeCliScript().Echo());
        AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: Token);
        session.Post(new UserInputMessage("never"));
        Assert.Null(await session.EndAsync(Token));
        Assert.Equal(0, AmpThrottle.GetState().Waiting);
        await stop.CancelAsync();
        (await running).Canceled();
    }

    [Fact]
    public async Task What_a_verification_runs_does_not_wait_for_the_run_that_waits_for_it()
    {
        using FakeRun inner = new(new FakeCliScript().Echo());
        using FakeRun outer = new(new FakeCliScript().Echo());
        outer.Options = outer.Options with
        {
            Verify = async (_, token) =>
            {
                ResultMessage result = await AmpClient.RunAsync("inner", inner.Options, token);
                return new AmpVerification(result.Result == "Echo: inner", result.Result);
            },
        };
        RunOutcome outcome = await outer.RunAsync("outer");
        Assert.True(Assert.Single(outcome.Finished().Verifications).Passed);

        // And the caller of a run is no such code.
        Assert.Equal(0, AmpThrottle.GetState().Running);
        using FakeRun after = new();
        after.Follow(new FakeCliScript().Init().WaitFor(after.Mark("go")).Result("done"));
        await foreach (AmpEvent item in after.EventsAsync())
        {
            if (item.Message is SystemMessage)
            {
                Assert.Equal(1, AmpThrottle.GetState().Running);
                await File.WriteAllTextAsync(after.Mark("go"), "", Token);
            }
        }
    }

    [Fact]
    public async Task A_run_whose_CLI_has_exited_holds_nobody_up_while_its_events_are_read()
    {
        using FakeRun first = new(new FakeCliScript().Echo());
        using FakeRun second = new(new FakeCliScript().Echo());
        RunOutcome? other = null;
        List<AmpEvent> events = [];
        await foreach (AmpEvent item in first.EventsAsync())
        {
            events.Add(item);
            other ??= await second.RunAsync("second");
        }

        other!.Succeeded("Echo: second");
        Assert.Equal("Echo: Say hello", Assert.IsType<ResultMessage>(events[^1].Message).Result);
        Assert.Equal(new ThrottleState(1, 1, 0, 0, null), AmpThrottle.GetState());
    }

    // Since July 2026, the service can refuse a run before the CLI writes a message.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_throttled_run_reduces_and_says_so_once(bool isRefused)
    {
        AmpThrottle.Limit = 4;
        List<FakeRun> runs = [.. Enumerable.Range(0, 4).Select(_ => new FakeRun())];
        runs.ForEach(run => run.Follow(isRefused
            ? new FakeCliScript().WaitFor(runs[0].Mark("go")).Error("Error: 429 Too many requests").Exit(1)
            : new FakeCliScript().Init().WaitFor(runs[0].Mark("go")).ErrorResult("429 Too many requests")));
        Task<RunOutcome>[] running = [.. runs.Select(run => run.RunAsync())];
        await FakeRun.WaitForAsync(() => AmpThrottle.GetState().Running == 4, "the runs");
        await File.WriteAllTextAsync(runs[0].Mark("go"), "", Token);
        RunOutcome[] outcomes = await Task.WhenAll(running);
        ThrottleState state = AmpThrottle.GetState();
        Assert.Equal((4, 2), (state.Limit, state.EffectiveLimit));
        Assert.NotNull(state.ReducedUntil);
        Assert.Single(outcomes.SelectMany(outcome => outcome.Texts(AmpEventKind.Warning)));
        Assert.All(outcomes, outcome => Assert.Equal(
            AmpErrorId.Throttled, isRefused ? (outcome.Error as AmpException)?.ErrorId : new AmpAgentException(Assert.IsType<ErrorResultMessage>(outcome.Result)).ErrorId));
        runs.ForEach(run => run.Dispose());
    }

    [Fact]
    public async Task A_turn_that_is_refused_before_any_message_reduces_and_says_so_once()
    {
        AmpThrottle.Limit = 4;
        using FakeRun run = new(new FakeCliScript().Error("Error: 429 Too many requests").Exit(1));
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: Token);
        List<AmpEvent> events = [];
        AmpException error = await Assert.ThrowsAnyAsync<AmpException>(async () =>
        {
            await foreach (AmpEvent item in session.StreamAsync(new UserInputMessage("hi"), Token))
            {
                events.Add(item);
            }
        });
        Assert.Equal(AmpErrorId.Throttled, error.ErrorId);
        Assert.Single(events, item => item.Kind == AmpEventKind.Warning);
        ThrottleState state = AmpThrottle.GetState();
        Assert.Equal((1, 0), (state.EffectiveLimit, state.Running));
    }
}
