using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ends;

public sealed class TimeoutTests
{
    // Long enough for the fake to start on a machine that is busy.
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task The_total_limit_is_not_extended_by_a_CLI_that_keeps_talking()
    {
        FakeCliScript chatty = new FakeCliScript().Init();
        for (int i = 0; i < 500; i++)
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
        for (int i = 0; i < 20; i++)
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
        int count = 0;
        await foreach (AmpEvent _ in run.EventsAsync())
        {
            if (count++ == 0)
            {
                await Task.Delay(2 * s_short, TestContext.Current.CancellationToken);
                Assert.False(File.Exists(run.Mark("written")));
            }
        }

        Assert.Equal(FakeRun.MoreLinesThanCanWait + 2, count);
    }

    [Fact]
    public async Task A_CLI_that_ended_in_time_is_not_late_because_its_consumer_is()
    {
        using FakeRun run = new(new FakeCliScript().Init().Repeat(100, step => step.Assistant("x")).Exit(3));
        run.Options = run.Options with { Timeout = TimeSpan.FromSeconds(20), IdleTimeout = s_short };
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(async () =>
        {
            await foreach (AmpEvent _ in run.EventsAsync())
            {
                await FakeRun.WaitForAsync(() => run.Record.ExitCode == 3 && !run.Processes().Any(ProcessProbe.IsRunning), "the end of the CLI");
                await Task.Delay(25, TestContext.Current.CancellationToken);
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

    [Fact]
    public async Task The_last_result_of_a_polite_CLI_is_given_before_the_timeout()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Hang());
        run.Options = run.Options with { Timeout = s_short };
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
