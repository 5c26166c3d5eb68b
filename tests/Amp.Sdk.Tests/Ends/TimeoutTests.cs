using System.Runtime.CompilerServices;
using Amp.Execution;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ends;

public sealed class TimeoutTests
{
    private static readonly TimeSpan s_short = FakeRun.ShortLimit;

    [Fact]
    public async Task The_total_limit_is_not_extended_by_a_CLI_that_keeps_talking()
    {
        FakeCliScript chatty = new FakeCliScript().Init();
        for (int i = 0; i < 1000; i++)
        {
            chatty.Sleep(20).Assistant("tick");
        }

        using FakeRun run = new(chatty.Result("too late"));
        run.Options = run.Options with { Timeout = s_short };
        RunOutcome outcome = await run.RunAsync();
        AmpTimeoutException error = outcome.Failed<AmpTimeoutException>(AmpErrorId.Timeout);
        Assert.Equal(s_short, error.Limit);
        Assert.Equal(outcome.Messages[0].SessionId, error.ThreadId);
        Assert.Contains(outcome.Messages, message => message is AssistantMessage);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task The_limit_on_silence_ends_a_silent_CLI()
    {
        using FakeRun run = new(new FakeCliScript().Init().Error("last words").Hang());
        run.Options = run.Options with { IdleTimeout = s_short };
        RunOutcome outcome = await run.RunAsync();
        AmpTimeoutException error = outcome.Failed<AmpTimeoutException>(AmpErrorId.IdleTimeout);
        Assert.Equal((s_short, "last words"), (error.Limit, error.StandardError));
        run.NothingIsLeft();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_sign_of_life_extends_the_limit_on_silence(bool onStandardError)
    {
        FakeCliScript script = new FakeCliScript().Init();

        // Longer than the limit together.
        for (int i = 0; i < 55; i++)
        {
            _ = onStandardError ? script.Sleep(200).Error("tick") : script.Sleep(200).Raw("x");
        }

        using FakeRun run = new(script.Raw("\n").Result("done"));
        run.Options = run.Options with { IdleTimeout = s_short };
        (await run.RunAsync()).Succeeded("done");
    }

    [Fact]
    public async Task The_time_of_a_slow_consumer_is_no_silence_of_the_CLI()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init().Repeat(FakeRun.MoreLinesThanCanWait, step => step.Line(1000)).Mark(run.Mark("written")).Result("done"));
        run.Options = run.Options with { IdleTimeout = s_short };
        RunClock? clock = null;
        int count = 0;
        await foreach (AmpEvent _ in run.EventsAsync(started => clock = started))
        {
            if (count++ == 0)
            {
                await FakeRun.WaitForAsync(() => clock!.IsHeld, "the CLI that waits for its consumer");
                await Task.Delay(s_short + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
                Assert.False(File.Exists(run.Mark("written")));
            }
        }

        Assert.Equal(FakeRun.MoreLinesThanCanWait + 2, count);
    }

    [Fact]
    public async Task The_wait_for_the_next_message_of_the_caller_is_no_silence_of_the_CLI()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turns());
        run.Options = run.Options with { IdleTimeout = s_short };
        StreamMessage? last = null;
        await foreach (StreamMessage message in AmpClient.ExecuteAsync(Slow(), run.Options, TestContext.Current.CancellationToken))
        {
            last = message;
        }

        Assert.Equal("Echo: two", Assert.IsType<ResultMessage>(last).Result);

        static async IAsyncEnumerable<UserInputMessage> Slow()
        {
            yield return new UserInputMessage("one");
            await Task.Delay(s_short + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            yield return new UserInputMessage("two");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_CLI_that_falls_silent_at_work_is_ended_though_the_caller_has_more_to_say(bool hasSpoken)
    {
        FakeCliScript script = new FakeCliScript().EndPolitely().Init().ReadUntil("one");

        // The end of a turn asks the caller for more, but this CLI goes on by itself.
        script = hasSpoken ? script.Assistant("first").Out(FakeMessages.ToolUse("Bash", """{"cmd":"ls"}""")) : script;
        using FakeRun run = new(script.Hang());
        run.Options = run.Options with { IdleTimeout = s_short };
        AmpTimeoutException error = await Assert.ThrowsAsync<AmpTimeoutException>(async () =>
        {
            await foreach (StreamMessage _ in AmpClient.ExecuteAsync(Slow(CancellationToken.None), run.Options, TestContext.Current.CancellationToken))
            {
            }
        }).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal(AmpErrorId.IdleTimeout, error.ErrorId);
        run.NothingIsLeft();

        static async IAsyncEnumerable<UserInputMessage> Slow([EnumeratorCancellation] CancellationToken token)
        {
            yield return new UserInputMessage("one");
            await Task.Delay(Timeout.Infinite, token);
        }
    }

    [Fact]
    public async Task A_CLI_that_ended_in_time_is_not_late_because_its_consumer_is()
    {
        using FakeRun run = new(new FakeCliScript().Init().Repeat(100, step => step.Assistant("x")).Exit(3));
        run.Options = run.Options with { Timeout = s_short, IdleTimeout = s_short };
        int count = 0;
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(async () =>
        {
            await foreach (AmpEvent _ in run.EventsAsync())
            {
                if (count++ == 0)
                {
                    await FakeRun.WaitForAsync(() => run.Record.ExitCode == 3 && !run.Processes().Any(ProcessProbe.IsRunning), "the end of the CLI");
                    await Task.Delay(s_short + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
                }
            }
        });
        Assert.Equal((AmpErrorId.CliFailed, (int?)3), (error.ErrorId, error.ExitCode));
    }

    [Fact]
    public async Task A_result_that_came_in_time_counts_though_the_CLI_did_not_end()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done").Hang());
        run.Options = run.Options with { Timeout = s_short };
        (await run.RunAsync()).Succeeded("done");
        run.NothingIsLeft();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_good_result_after_the_limit_counts_only_if_the_caller_has_no_more_to_say(bool isWhole)
    {
        FakeCliScript script = new FakeCliScript().IgnoreSignals("INT", "TERM").Init().Turns();
        using FakeRun run = new(isWhole ? script.Hang() : script);
        run.Options = run.Options with
        {
            Timeout = s_short,
            ExitGracePeriod = FakeRun.HangLimit,
            CancellationGracePeriod = isWhole ? TimeSpan.FromMilliseconds(100) : FakeRun.HangLimit,
        };
        RunOutcome outcome = await RunOutcome.OfAsync(
            AmpClient.PlanAsync(Slow(isWhole, CancellationToken.None), run.Options, TestContext.Current.CancellationToken), string.Empty, TestContext.Current.CancellationToken)
            .WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal("Echo: one", Assert.IsType<ResultMessage>(outcome.Result).Result);
        Assert.Equal(isWhole ? ResultOutcome.Succeeded : ResultOutcome.TimedOut, outcome.Result!.Outcome);
        Assert.Equal(isWhole ? null : AmpErrorId.Timeout, (outcome.Error as AmpException)?.ErrorId);
        run.NothingIsLeft();

        static async IAsyncEnumerable<UserInputMessage> Slow(bool isWhole, [EnumeratorCancellation] CancellationToken token)
        {
            yield return new UserInputMessage("one");
            if (!isWhole)
            {
                await Task.Delay(Timeout.Infinite, token);
                yield return new UserInputMessage("two");
            }
        }
    }

    [Fact]
    public async Task The_last_result_of_a_polite_CLI_is_given_before_the_timeout()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Hang());
        run.Options = run.Options with { Timeout = s_short, CancellationGracePeriod = FakeRun.HangLimit };
        RunOutcome outcome = await run.RunAsync();
        outcome.Failed<AmpTimeoutException>(AmpErrorId.Timeout);
        Assert.IsType<ErrorResultMessage>(outcome.Result);
    }

    [Fact]
    public async Task Zero_means_no_limit()
    {
        using FakeRun run = new(new FakeCliScript().Init().Sleep(50).Result("done"));
        run.Options = run.Options with { Timeout = TimeSpan.Zero, IdleTimeout = TimeSpan.Zero };
        (await run.RunAsync()).Succeeded("done");
    }
}
