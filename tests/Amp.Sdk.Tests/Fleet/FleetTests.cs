using System.Runtime.CompilerServices;
using Amp.Fleet;
using Amp.Sdk.Tests.Ends;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Fleet;

/// <summary>Many runs in one stream. Alone, since the throttle is that of the process.</summary>
[Collection(nameof(Alone))]
public sealed class FleetTests : IDisposable
{
    private static readonly string[] s_kinds = ["success", "error", "crash", "missing", "timeout", "option", "throttled", "killed", "cut", "conversation", "silent"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public FleetTests() => AmpThrottle.Limit = null;

    public void Dispose() => AmpThrottle.Limit = null;

    [Fact]
    public async Task Every_kind_of_ending_is_told_by_its_run_and_stops_no_other()
    {
        List<FakeRun> runs = [];
        FleetItem[] items = [.. Enumerable.Range(0, 4).SelectMany(_ => s_kinds).Select(kind => Item(kind, runs))];
        Dictionary<FleetRun, List<FleetEvent>> events = [];
        int active = 0, most = 0;
        await foreach (FleetEvent item in AmpFleet.StreamAsync(items, 5, Token))
        {
            if (!events.TryGetValue(item.Run, out List<FleetEvent>? own))
            {
                events[item.Run] = own = [];
            }

            own.Add(item);
            if (item.Message is ResultMessage result)
            {
                Assert.Same(result, item.Run.Result);
            }

            active += item.Kind == FleetEventKind.Started ? 1 : item.Kind == FleetEventKind.Ended && item.Run.Plan is not null ? -1 : 0;
            most = Math.Max(most, active);
        }

        Assert.InRange(most, 2, 5);
        Assert.Equal(items.Length, events.Count);
        Assert.Equal(Enumerable.Range(1, items.Length), events.Keys.Select(run => run.Number).Order());
        Assert.All(events, run =>
        {
            Assert.Same(items[run.Key.Number - 1], run.Key.Item);
            Assert.True(run.Key.IsEnded);
            Assert.Equal(FleetEventKind.Ended, run.Value[^1].Kind);
            Assert.Equal(run.Key.Plan is null ? FleetEventKind.Ended : FleetEventKind.Started, run.Value[0].Kind);
            Assert.Equal(Expected((string)run.Key.Item.Tag!), (run.Key.Failure as AmpException)?.ErrorId);
            Assert.Single(run.Value.Select(item => item.Message?.SessionId).OfType<string>().Append(run.Key.ThreadId).Distinct());
            if (run.Key.Item.Name == "success")
            {
                Assert.Equal($"Echo: {run.Key.Item.Prompt}", run.Key.Result!.Result);
            }
            else if (run.Key.Item.Name == "timeout")
            {
                Assert.Contains(run.Value, item => item.Message is AssistantMessage);
            }
        });
        runs.ForEach(run => run.Dispose());
    }

    [Fact]
    public async Task The_source_is_read_as_runs_end_and_no_further_than_the_consumer_reads()
    {
        using FakeRun run = new(new FakeCliScript().Echo());
        int taken = 0;
        IAsyncEnumerator<FleetEvent> events = AmpFleet.StreamAsync(Endless(), 2, Token).GetAsyncEnumerator(Token);
        Assert.True(await events.MoveNextAsync());
        int ended = 0;
        while (ended < 5)
        {
            ended += events.Current.Kind == FleetEventKind.Ended ? 1 : 0;
            Assert.InRange(taken, 1, 2 + ended + (FleetQueue.Capacity / 5));
            Assert.True(await events.MoveNextAsync());
        }

        // Nobody reads: what waits is bounded, and then nothing more is taken. No run has as many as ten events.
        await FakeRun.WaitForAsync(() => taken > FleetQueue.Capacity / 10, "as many runs as there is room for");
        int before = -1;
        while (before != taken)
        {
            before = taken;

            // The last two may wait for room before they start a CLI.
            await FakeRun.WaitForAsync(
                () => FakeCliRecord.ReadAll(run.Log).Count(record => record.Kind == "Run") >= before - 2 && !run.Processes().Any(ProcessProbe.IsRunning), "the end of the CLIs");
            await Task.Delay(TimeSpan.FromSeconds(3), Token);
        }

        Assert.InRange(taken, FleetQueue.Capacity / 10, 7 + (FleetQueue.Capacity / 4));
        await events.DisposeAsync();
        run.NothingIsLeft();

        IEnumerable<FleetItem> Endless()
        {
            while (true)
            {
                taken++;
                yield return new FleetItem($"prompt {taken}", run.Options);
            }
        }
    }

    [Fact]
    public async Task Events_come_while_other_runs_are_silent()
    {
        using FakeRun silent = new();
        silent.Follow(new FakeCliScript().Init().WaitFor(silent.Mark("go")).Result("silent"));
        using FakeRun fast = new(new FakeCliScript().Echo());
        List<string> answers = [];
        await foreach (FleetEvent item in AmpFleet.StreamAsync([new("a", silent.Options), new("b", fast.Options), new("c", fast.Options)], 2, Token))
        {
            if (item.Message is ResultMessage result)
            {
                answers.Add(result.Result!);
                if (answers.Count == 2)
                {
                    await File.WriteAllTextAsync(silent.Mark("go"), "", Token);
                }
            }
        }

        Assert.Equal(["Echo: b", "Echo: c", "silent"], answers);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leaving_or_cancelling_ends_every_tree_before_it_returns(bool isCanceled)
    {
        List<FakeRun> runs = [.. Enumerable.Range(0, 6).Select(i => new FakeRun(i % 2 == 0
            ? new FakeCliScript().Init().SpawnChild("setsid-quiet").Assistant("ready").Hang()
            : new FakeCliScript().IgnoreSignals("INT", "TERM").Init().SpawnChild("stubborn").Assistant("ready").Hang()))];
        using CancellationTokenSource stop = new();
        int ready = 0, canceled = 0;
        async Task ReadAsync()
        {
            await foreach (FleetEvent item in AmpFleet.StreamAsync(runs.Select(run => new FleetItem("go", run.Options)), 4, stop.Token))
            {
                ready += item.Message is AssistantMessage ? 1 : 0;
                canceled += item.Kind == FleetEventKind.Ended && item.Run.Failure is AmpCanceledException ? 1 : 0;
                if (ready == 4 && isCanceled)
                {
                    await stop.CancelAsync();
                }
                else if (ready == 4)
                {
                    break;
                }
            }
        }

        Task reading = ReadAsync().WaitAsync(FakeRun.HangLimit, Token);
        if (isCanceled)
        {
            await Assert.ThrowsAsync<AmpCanceledException>(() => reading);
            Assert.Equal(4, canceled);
        }
        else
        {
            await reading;
        }

        Assert.Equal(4, runs.Count(run => Directory.Exists(run.Log) && FakeCliRecord.ReadAll(run.Log).Any(record => record.Kind == "Run")));
        Assert.All(runs.Take(4), run => run.NothingIsLeft());
        runs.ForEach(run => run.Dispose());
    }

    [Fact]
    public async Task One_run_is_stopped_alone()
    {
        using FakeRun hangs = new(new FakeCliScript().Init().Hang());
        using FakeRun fast = new(new FakeCliScript().Echo());
        List<FleetRun> ended = [];
        await foreach (FleetEvent item in AmpFleet.StreamAsync([new("a", hangs.Options), new("b", fast.Options)], 2, Token))
        {
            if (item is { Kind: FleetEventKind.Reported, Run.Item.Prompt: "a", Event.Message: not null })
            {
                item.Run.Stop();
            }
            else if (item.Kind == FleetEventKind.Ended)
            {
                ended.Add(item.Run);
            }
        }

        Assert.IsType<AmpCanceledException>(Assert.Single(ended, run => run.Number == 1).Failure);
        Assert.Null(Assert.Single(ended, run => run.Number == 2).Failure);
        Assert.All(ended, run => run.Stop());
        hangs.NothingIsLeft();
    }

    [Fact]
    public async Task What_the_source_throws_comes_after_the_runs_that_it_gave()
    {
        using FakeRun run = new(new FakeCliScript().Echo());
        int ended = 0;
        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (FleetEvent item in AmpFleet.StreamAsync(Broken(), 3, Token))
            {
                ended += item.Kind == FleetEventKind.Ended && item.Run.Failure is null ? 1 : 0;
            }
        });
        Assert.Equal("no more", error.Message);
        Assert.Equal(2, ended);

        IEnumerable<FleetItem> Broken()
        {
            yield return new FleetItem("a", run.Options);
            yield return new FleetItem("b", run.Options);
            throw new InvalidOperationException("no more");
        }
    }

    [Fact]
    public async Task A_source_that_never_answers_holds_nobody_who_leaves()
    {
        using FakeRun run = new(new FakeCliScript().Echo());
        TaskCompletionSource never = new();
        bool left = false;
        await foreach (FleetEvent item in AmpFleet.StreamAsync(Stuck(CancellationToken.None), 2, Token))
        {
            if (item.Kind == FleetEventKind.Ended)
            {
                left = true;
                break;
            }
        }

        Assert.True(left);
        using CancellationTokenSource stop = new();
        await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (FleetEvent item in AmpFleet.StreamAsync(Stuck(CancellationToken.None), 2, stop.Token))
            {
                if (item.Kind == FleetEventKind.Ended)
                {
                    await stop.CancelAsync();
                }
            }
        });
        never.SetResult();

        async IAsyncEnumerable<FleetItem> Stuck([EnumeratorCancellation] CancellationToken ignored)
        {
            Assert.False(ignored.IsCancellationRequested);
            yield return new FleetItem("a", run.Options);
            await never.Task;
        }
    }

    [Fact]
    public async Task A_flood_of_every_run_is_whole_and_bounded()
    {
        using FakeRun run = new(new FakeCliScript().Init().Repeat(FakeRun.MoreLinesThanCanWait, steps => steps.Assistant("x")).Result("done"));
        Dictionary<int, int> messages = [];
        await foreach (FleetEvent item in AmpFleet.StreamAsync(Enumerable.Range(0, 4).Select(i => new FleetItem($"{i}", run.Options)), 4, Token))
        {
            if (item.Message is not null)
            {
                messages[item.Run.Number] = messages.GetValueOrDefault(item.Run.Number) + 1;
            }
        }

        Assert.Equal(Enumerable.Repeat(FakeRun.MoreLinesThanCanWait + 2, 4), messages.Values);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_limit_that_lets_nobody_in_is_refused(int limit) =>
        Assert.Equal(AmpErrorId.InvalidOption, Assert.Throws<AmpValidationException>(() => AmpFleet.StreamAsync([], limit, Token)).ErrorId);

    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task Real_CLIs_work_side_by_side(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        List<FleetRun> ended = [];
        await foreach (FleetEvent item in AmpFleet.StreamAsync(Enumerable.Range(1, 3).Select(i => new FleetItem($"prompt {i}", run.Options)), 2, Token))
        {
            if (item.Kind == FleetEventKind.Ended)
            {
                ended.Add(item.Run);
            }
        }

        Assert.Equal(3, ended.Count);
        Assert.All(ended, one => Assert.Contains(one.Item.Prompt!, Assert.IsType<ResultMessage>(one.Result).Result, StringComparison.Ordinal));
        Assert.Equal(3, ended.Select(one => one.ThreadId).Distinct().Count());
    }

    [Theory]
    [InlineData(AmpErrorId.CliFailed, ResultOutcome.Failed)]
    [InlineData(AmpErrorId.Timeout, ResultOutcome.TimedOut)]
    [InlineData(AmpErrorId.NotAuthenticated, ResultOutcome.NotAuthenticated)]
    [InlineData(AmpErrorId.VerificationFailed, ResultOutcome.NotVerified)]
    public void A_run_without_a_result_gets_one_that_tells_its_failure(string errorId, ResultOutcome outcome)
    {
        ErrorResultMessage result = ErrorResultMessage.FromFailure(new AmpException("It \"went\" wrong: ü", errorId), "T-1");
        Assert.Equal(("It \"went\" wrong: ü", outcome, "T-1", true, errorId), (result.Error, result.Outcome, result.SessionId, result.IsError, result.AdditionalProperties["error_id"]));
    }

    private static string? Expected(string kind) => kind switch
    {
        "error" => AmpErrorId.AgentError,
        "crash" => AmpErrorId.CliFailed,
        "missing" => AmpErrorId.CliNotFound,
        "timeout" => AmpErrorId.Timeout,
        "option" => AmpErrorId.InvalidOption,
        "throttled" => AmpErrorId.Throttled,
        "killed" => AmpErrorId.CliTerminated,
        "cut" => AmpErrorId.InvalidStreamJson,
        "silent" => AmpErrorId.InvalidOption,
        _ => null,
    };

    private static FleetItem Item(string kind, List<FakeRun> runs)
    {
        FakeRun run = new(kind switch
        {
            "error" => new FakeCliScript().Init().ErrorResult("It went wrong."),
            "crash" => new FakeCliScript().Init().Exit(3),
            "timeout" => new FakeCliScript().Init().Assistant("working").Hang(),
            "throttled" => new FakeCliScript().Init().ErrorResult("429 Too many requests"),
            "killed" => new FakeCliScript().Init().Signal("KILL"),
            "cut" => new FakeCliScript().Init().Out("""{"type":"assistant","message":{"role""").Result("done"),
            "silent" => new FakeCliScript().EndPolitely().Init().Read().Hang(),
            _ => new FakeCliScript().Echo(),
        });
        runs.Add(run);
        AmpOptions options = kind switch
        {
            "missing" => run.Options with { CliPath = Path.Combine(run.Project, "none") },
            "timeout" => run.Options with { Timeout = FakeRun.ShortLimit },
            "option" => run.Options with { Labels = ["no label!"] },
            _ => run.Options,
        };
        return kind is "conversation" or "silent"
            ? new FleetItem(Messages(kind == "silent"), options) { Name = kind, Tag = kind }
            : new FleetItem($"prompt {runs.Count}", options) { Name = kind, Tag = kind };

        static async IAsyncEnumerable<UserInputMessage> Messages(bool isSilent)
        {
            if (isSilent)
            {
                yield break;
            }

            yield return new UserInputMessage("one");
            await Task.Yield();
            yield return new UserInputMessage("two");
        }
    }
}
