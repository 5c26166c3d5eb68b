using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

/// <summary>How a run is judged by its result, its process and its last words.</summary>
public sealed class EndingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_run_without_a_result_has_failed_whatever_its_exit_code(int exitCode)
    {
        using FakeRun run = new(new FakeCliScript().Init().Assistant("hi").Error("reason").Exit(exitCode));
        RunOutcome outcome = await run.RunAsync();
        AmpProcessException error = outcome.Failed<AmpProcessException>(AmpErrorId.CliFailed);
        Assert.Equal(((int?)exitCode, null, "reason"), (error.ExitCode, error.Signal, error.StandardError));
        Assert.Equal(outcome.Messages[0].SessionId, error.ThreadId);
        Assert.Contains("'assistant'", error.Message, StringComparison.Ordinal);
        Assert.Equal("system assistant", string.Join(' ', outcome.Messages.Select(message => message.Type)));
    }

    [Fact]
    public async Task A_run_that_says_nothing_has_failed()
    {
        using FakeRun run = new(new FakeCliScript().Read());
        AmpProcessException error = (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.CliFailed);
        Assert.Equal(0, error.ExitCode);
        Assert.Null(error.ThreadId);
        Assert.Contains("without any message", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("KILL", "SIGKILL")]
    [InlineData("SEGV", "SIGSEGV")]
    [InlineData("TERM", "SIGTERM")]
    public async Task A_CLI_that_a_signal_ended_says_which(string signal, string name)
    {
        using FakeRun run = new(new FakeCliScript().Init().Error("401 Unauthorized").Signal(signal));
        AmpProcessException error = (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.CliTerminated);
        Assert.Equal((null, name), (error.ExitCode, error.Signal));
        Assert.NotNull(error.ThreadId);
    }

    [Fact]
    public async Task A_line_that_breaks_off_at_a_crash_is_reported_before_the_failure()
    {
        using FakeRun run = new(new FakeCliScript().Init().Raw("{\"type\":\"assis").Signal("KILL"));
        RunOutcome outcome = await run.RunAsync();
        Assert.Equal("system InvalidLine", outcome.Kinds);
        Assert.Equal("{\"type\":\"assis", Assert.Single(outcome.Events, item => item.Kind == AmpEventKind.InvalidLine).Error!.RawLine);
        outcome.Failed<AmpProcessException>(AmpErrorId.CliTerminated);
    }

    [Fact]
    public async Task An_exit_code_after_a_success_is_told_and_the_result_is_given()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done").Error("late").Exit(3));
        RunOutcome outcome = await run.RunAsync();
        AmpProcessException error = outcome.Failed<AmpProcessException>(AmpErrorId.CliFailed);
        Assert.Equal(3, error.ExitCode);
        Assert.Equal("done", outcome.Result!.Result);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_error_result_speaks_for_itself_whatever_the_exit_code(int exitCode)
    {
        using FakeRun run = new(new FakeCliScript().Init().ErrorResult("boom").Exit(exitCode));
        RunOutcome outcome = await run.RunAsync();
        Assert.Null(outcome.Error);
        Assert.Equal("boom", Assert.IsType<ErrorResultMessage>(outcome.Result).Error);
    }

    [Theory]
    [InlineData("error_during_execution", AmpErrorId.AgentError)]
    [InlineData("error_max_turns", AmpErrorId.MaxTurnsReached)]
    public async Task An_error_result_is_an_exception_for_who_asks_only_for_the_result(string subtype, string errorId)
    {
        using FakeRun run = new(new FakeCliScript().Init().Out(FakeMessages.ErrorResult("boom", subtype)));
        AmpAgentException error = await Assert.ThrowsAsync<AmpAgentException>(() => run.ResultAsync("hi"));
        Assert.Equal((errorId, "boom"), (error.ErrorId, error.Message));
        Assert.Equal(error.Result.SessionId, error.ThreadId);
    }

    [Fact]
    public async Task The_result_alone_can_be_asked_for()
    {
        using FakeRun run = new(new FakeCliScript().Echo());
        Assert.Equal("Echo: hi", (await run.ResultAsync("hi")).Result);
    }

    [Fact]
    public async Task A_CLI_that_stays_after_its_result_is_ended_with_a_warning()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done").IgnoreSignals("INT", "TERM").SpawnChild("stubborn").Hang());
        run.Options = run.Options with { ExitGracePeriod = TimeSpan.FromMilliseconds(300), CancellationGracePeriod = TimeSpan.FromMilliseconds(100) };
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Contains("did not exit within 0.3 s", Assert.Single(outcome.Texts(AmpEventKind.Warning)), StringComparison.Ordinal);
        run.NothingIsLeft();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public async Task The_first_event_is_the_start_of_the_CLI_and_the_last_one_its_exit(int code)
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done").Exit(code));
        RunOutcome outcome = await run.RunAsync();
        RunStart start = outcome.Events[0].Start!;
        Assert.Equal((AmpEventKind.Started, run.Options.CliPath), (outcome.Events[0].Kind, start.CliPath));
        Assert.Equal(run.Record.ProcessId, start.ProcessId);
        Assert.Equal((AmpEventKind.Exited, code, null), (outcome.Events[^1].Kind, outcome.Events[^1].Exit!.ExitCode, outcome.Events[^1].Exit!.Signal));
        Assert.Equal($"exit code {code}", outcome.Events[^1].Exit!.ToString());
        Assert.All(outcome.Events.Skip(1).SkipLast(1), item => Assert.True(item.Start is null && item.Exit is null));
    }

    [Fact]
    public async Task A_signal_that_ended_the_CLI_is_named_before_the_failure_is_thrown()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals on Windows.");
        using FakeRun run = new(new FakeCliScript().Init().Signal("KILL"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Failed<AmpProcessException>(AmpErrorId.CliTerminated);
        Assert.Equal((null, "SIGKILL"), (outcome.Events[^1].Exit!.ExitCode, outcome.Events[^1].Exit!.Signal));
    }

    [Fact]
    public async Task The_warning_about_a_CLI_that_stays_is_not_lost_to_a_flood_of_errors()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done").Repeat(2000, step => step.Error("noise")).Hang());
        run.Options = run.Options with { ExitGracePeriod = TimeSpan.FromMilliseconds(500), CancellationGracePeriod = TimeSpan.FromMilliseconds(100) };
        List<AmpEvent> events = [];
        await foreach (AmpEvent item in run.EventsAsync())
        {
            if (events.Count == 0)
            {
                await FakeRun.WaitForAsync(() => run.Processes() is [.., int last] && !Testing.ProcessProbe.IsRunning(last), "the end of the CLI");
            }

            events.Add(item);
        }

        Assert.Contains(events, item => item.Kind == AmpEventKind.Warning);
    }

    [Theory]
    [InlineData("child")]
    [InlineData("stubborn")]
    [InlineData("doublefork")]
    [InlineData("setsid")]
    public async Task A_child_that_holds_stdout_open_neither_delays_the_end_nor_survives_it(string kind)
    {
        using FakeRun run = new(new FakeCliScript().Init().SpawnChild(kind).Result("done"));
        (await run.RunAsync()).Succeeded("done");
        Assert.Single(run.Record.Children);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_CLI_that_closes_its_output_and_lives_on_is_waited_for()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done").CloseStandardOutput().CloseStandardError().Sleep(300).Exit(4));
        AmpProcessException error = (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.CliFailed);
        Assert.Equal(4, error.ExitCode);
    }
}
