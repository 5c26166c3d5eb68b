using System.Diagnostics;
using Amp.Execution;
using Amp.Processes;
using Amp.Sdk.Tests.Checkpoints;
using Amp.Sdk.Tests.Support;
using Amp.Services;
using Amp.Sessions;
using Amp.Testing;

namespace Amp.Sdk.Tests.Sessions;

public sealed class EndTests
{
    // The first process works until it is told to end, and answers as the real CLI does; the next one answers.
    private static FakeCliScript WorksFirst(FakeRun run) => new FakeCliScript().EndPolitely().Init()
        .OnStart(1, steps => steps.ReadUntil("work"))
        .OnStart(1, steps => steps.Out(FakeMessages.User("work")))
        .OnStart(1, steps => steps.Mark(run.Mark("working")))
        .OnStart(1, steps => steps.Hang())
        .Turns();

    // A session in a repository, whose git does something before it adds the files.
    private static FakeRun WithCheckpoint(FakeCliScript script, string work)
    {
        FakeRun run = new(script);
        using Process git = Process.Start(new ProcessStartInfo("git", ["init", "-q", run.Project]))!;
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        string path = run.Options.Environment!["PATH"]!;
        run.Set(("PATH", $"{GitFolder.Wrapper(run.Mark(string.Empty), path, $"*' add -A '*) {work};;")}:{path}"));
        run.Options = run.Options with { Checkpoint = true };
        return run;
    }

    [Fact]
    public async Task A_turn_that_is_stopped_tells_so_and_the_next_message_continues_the_thread_in_a_new_process()
    {
        using FakeRun run = new();
        run.Follow(WorksFirst(run));
        await using AmpSession session = await AmpSession.OpenAsync(
            run.Options with { Title = null, Labels = ["one"], CancellationGracePeriod = FakeRun.HangLimit }, cancellationToken: TestContext.Current.CancellationToken);
        List<StreamMessage> messages = [];
        Task turn = Task.Run(async () =>
        {
            await foreach (StreamMessage message in session.SendAsync("work", TestContext.Current.CancellationToken))
            {
                messages.Add(message);
            }
        }, TestContext.Current.CancellationToken);
        await run.MarkIsSetAsync("working");
        int first = await session.ProcessIdAsync();
        Assert.True(await session.StopTurnAsync());
        Assert.False(ProcessProbe.IsRunning(first));
        AmpCanceledException canceled = await Assert.ThrowsAsync<AmpCanceledException>(() => turn);
        Assert.Equal(session.ThreadId, canceled.ThreadId);
        Assert.Equal(ResultOutcome.Canceled, Assert.IsType<ErrorResultMessage>(messages[^1]).Outcome);
        Assert.Equal((AmpSessionState.Ready, null, 0), (session.State, session.ProcessId, session.TurnCount));
        Assert.False(await session.StopTurnAsync());
        Assert.Equal("Echo: again", await session.AnswerAsync("again"));
        FakeCliRecord[] runs = [.. FakeCliRecord.ReadAll(run.Log).Where(record => record.Kind == "Run")];
        Assert.Equal(2, runs.Length);
        Assert.Equal(["threads", "continue", session.ThreadId!], runs.Single(record => record.ProcessId != first).Arguments.Take(3));
        Assert.Single(runs.Select(record => record.SessionId).Distinct());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_limit_of_time_is_that_of_a_turn_and_breaks_it_off(bool isIdle)
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().EndPolitely().Init().OnStart(1, steps => steps.Turn()).OnStart(1, steps => steps.ReadUntil("work")).OnStart(1, steps => steps.Hang()).Turns());
        TimeSpan limit = FakeRun.ShortLimit;
        run.Options = run.Options with { CancellationGracePeriod = FakeRun.HangLimit };
        await using AmpSession session = await AmpSession.OpenAsync(
            isIdle ? run.Options with { IdleTimeout = limit } : run.Options with { Timeout = limit }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Echo: quick", await session.AnswerAsync("quick"));

        // Nothing happens for longer than the limit, and no turn is under way.
        await Task.Delay(limit + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.NotNull(session.ProcessId);
        AmpTimeoutException error = await Assert.ThrowsAsync<AmpTimeoutException>(() => session.AllAsync("work").WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
        Assert.Equal(isIdle ? AmpErrorId.IdleTimeout : AmpErrorId.Timeout, error.ErrorId);
        Assert.Equal(ResultOutcome.TimedOut, session.Result?.Outcome);
        Assert.Equal("Echo: again", await session.AnswerAsync("again"));
    }

    // The look at the clock that comes after 1.5 s must not take the time of the work for silence.
    [Fact]
    public async Task Silence_counts_from_the_end_of_what_this_side_does_for_the_CLI()
    {
        TimeSpan limit = TimeSpan.FromMilliseconds(500);
        RunWork work = new();
        using RunClock process = new(null, null, [work], _ => { });
        TaskCompletionSource<TurnStop> expired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using SessionTurn turn = new(new AmpOptions { IdleTimeout = limit }, isKept: false, () => process, (_, stop) => expired.TrySetResult(stop))
        {
            Message = new UserInputMessage("work"),
        };
        turn.StartClock();
        work.Begin();
        await Task.Delay(limit * 2.4, TestContext.Current.CancellationToken);
        Assert.False(expired.Task.IsCompleted);
        long start = Stopwatch.GetTimestamp();
        work.End();
        Assert.Equal(TurnStop.IdleTimeout, await expired.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
        Assert.True(Stopwatch.GetElapsedTime(start) >= limit, $"{Stopwatch.GetElapsedTime(start)} after the end of the work.");
    }

    // Bytes of a long line are no event of the turn yet.
    [Fact]
    public async Task Whatever_the_process_hears_of_its_CLI_is_a_sign_of_life()
    {
        FakeCliScript script = new FakeCliScript().Init().ReadUntil("work");

        // Longer than the limit together.
        for (int i = 0; i < 45; i++)
        {
            script.Sleep(250).Raw(" ");
        }

        using FakeRun run = new(script.Assistant("done").Read().Result("done"));
        await using AmpSession session = await AmpSession.OpenAsync(
            run.Options with { IdleTimeout = FakeRun.ShortLimit }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("done", await session.AnswerAsync("work"));
    }

    [Fact]
    public async Task What_comes_before_the_start_and_after_the_exit_of_the_CLI_is_not_its_time()
    {
        TimeSpan limit = FakeRun.ShortLimit;
        using FakeRun run = WithCheckpoint(new FakeCliScript().Init()
            .OnStart(1, steps => steps.ReadUntil("one")).OnStart(1, steps => steps.ErrorResult("overloaded")).OnStart(1, steps => steps.Exit(0)).Turns(), "sleep 11");
        await using AmpSession session = await AmpSession.OpenAsync(run.Options with { IdleTimeout = limit }, cancellationToken: TestContext.Current.CancellationToken);
        long start = Stopwatch.GetTimestamp();
        ErrorResultMessage result = Assert.IsType<ErrorResultMessage>((await session.AllAsync("one").WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken))[^1]);

        // Both states of the folder took longer than the limit.
        Assert.True(Stopwatch.GetElapsedTime(start) > limit + limit);
        Assert.Equal(("overloaded", AmpSessionState.Ready), (result.Error, session.State));
        Assert.NotNull(result.CheckpointId);
    }

    [Fact]
    public async Task The_end_waits_for_the_state_of_the_folder_for_any_time()
    {
        TimeSpan limit = TimeSpan.FromSeconds(4);
        using FakeRun run = WithCheckpoint(new FakeCliScript().Init().Turns(), """if [ -e "$here/ends" ]; then while [ ! -e "$here/go" ]; do sleep 0.1; done; fi""");
        await using AmpSession session = await AmpSession.OpenAsync(run.Options with { ExitGracePeriod = limit }, cancellationToken: TestContext.Current.CancellationToken);
        await session.AnswerAsync("one");
        await File.WriteAllTextAsync(run.Mark("bin/ends"), "", TestContext.Current.CancellationToken);
        Task<ResultMessage?> end = session.EndAsync(TestContext.Current.CancellationToken);
        await Task.Delay(limit + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.False(end.IsCompleted);
        await File.WriteAllTextAsync(run.Mark("bin/go"), "", TestContext.Current.CancellationToken);
        ResultMessage? result = await end.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal("Echo: one", result?.Result);
        Assert.NotNull(result?.CheckpointId);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_tool_at_work_is_no_silence_of_the_CLI()
    {
        // Long enough for the call to reach the tool on a busy machine.
        TimeSpan limit = FakeRun.ShortLimit;
        using FakeRun run = new();
        AmpTool slow = new("Slow", "Takes its time.", """{"type":"object"}""", async (_, token) =>
        {
            await Task.Delay(1.2 * limit, token);
            return new ToolResult("slow but sure");
        });
        run.Follow(new FakeCliScript().EndPolitely().Init().Mark(run.Mark("up")).ReadUntil("work").WaitFor(run.Mark("told")).Assistant("done").Read().Result("done"));
        await using AmpSession session = await AmpSession.OpenAsync(
            run.Options with { IdleTimeout = limit, Tools = [slow] }, cancellationToken: TestContext.Current.CancellationToken);
        Task<string> answering = session.AnswerAsync("work");
        await run.MarkIsSetAsync("up");
        using Tools.ToolClient client = Tools.ToolClient.Of(run.Record);
        await client.InitializeAsync();
        Assert.Contains("slow but sure", (await client.AskAsync("tools/call", """{"name":"Slow","arguments":{}}""")).ToJsonString(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(run.Mark("told"), "", TestContext.Current.CancellationToken);
        Assert.Equal("done", await answering);
    }

    [Fact]
    public async Task A_reader_that_leaves_breaks_the_turn_off_and_the_next_turn_has_nothing_of_it()
    {
        using FakeRun run = new();
        run.Follow(WorksFirst(run));
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        await foreach (StreamMessage message in session.SendAsync("work", TestContext.Current.CancellationToken))
        {
            Assert.IsType<SystemMessage>(message);
            break;
        }

        run.NothingIsLeft();
        Assert.Equal(AmpSessionState.Ready, session.State);
        List<StreamMessage> next = await session.AllAsync("again");
        Assert.Equal(["system", "user", "assistant"], next.Select(message => message.Type));
        Assert.Equal("again", Assert.IsType<UserMessage>(next[1]).Text);
    }

    [Fact]
    public async Task A_reader_that_leaves_with_the_last_message_leaves_the_process_as_it_is()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turns());
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        await foreach (StreamMessage message in session.SendAsync("one", TestContext.Current.CancellationToken))
        {
            if (message is AssistantMessage)
            {
                break;
            }
        }

        int? process = session.ProcessId;
        Assert.NotNull(process);
        Assert.Equal("Echo: two", await session.AnswerAsync("two"));
        Assert.Equal(process, session.ProcessId);
    }

    [Fact]
    public async Task A_turn_that_fails_is_an_error_result_and_the_session_goes_on()
    {
        using FakeRun run = new(new FakeCliScript().Init()
            .OnStart(1, steps => steps.ReadUntil("one")).OnStart(1, steps => steps.ErrorResult("overloaded")).OnStart(1, steps => steps.Exit(0)).Turns());
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("overloaded", Assert.IsType<ErrorResultMessage>((await session.AllAsync("one"))[^1]).Error);
        Assert.Equal(AmpSessionState.Ready, session.State);
        Assert.Equal("Echo: two", await session.AnswerAsync("two"));
    }

    [Fact]
    public async Task A_message_to_a_CLI_that_has_failed_and_not_exited_yet_is_answered_by_a_new_one()
    {
        using FakeRun run = new();

        // What comes after the result tells that the session has read it.
        run.Follow(new FakeCliScript().Init()
            .OnStart(1, steps => steps.Turn().ErrorResult("out of cheese").Assistant("late").Read().WaitFor(run.Mark("go")).Exit(0)).Turns());
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Echo: one", await session.AnswerAsync("one"));
        await FakeRun.WaitForAsync(() => session.Usage.OutputTokens == 2 * 20, "the end of the output");
        int? first = session.ProcessId;
        Assert.Equal((AmpSessionState.Ready, true), (session.State, first is not null));
        session.Post(new UserInputMessage("two"));
        await File.WriteAllTextAsync(run.Mark("go"), "", TestContext.Current.CancellationToken);
        List<AmpEvent> events = await session.ReceivedAsync(waitForEnd: true).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal(
            [AmpEventKind.Message, AmpEventKind.Exited, AmpEventKind.Warning, AmpEventKind.Started], events.Take(4).Select(item => item.Kind));
        Assert.Contains("out of cheese", events[2].Text, StringComparison.Ordinal);
        Assert.Equal("Echo: two", Assert.IsType<AssistantMessage>(events[^1].Message).Text);
        Assert.Equal((AmpSessionState.Ready, 2), (session.State, session.TurnCount));
        FakeCliRecord next = FakeCliRecord.ReadAll(run.Log).Single(record => record.Kind == "Run" && record.ProcessId != first);
        Assert.Equal(["threads", "continue", session.ThreadId!], next.Arguments.Take(3));
    }

    [Fact]
    public async Task A_CLI_that_dies_in_a_turn_fails_it_and_answers_every_later_call()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turn().ReadUntil("die").Error("out of cheese").Exit(9));
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Echo: one", await session.AnswerAsync("one"));
        AmpProcessException died = await Assert.ThrowsAsync<AmpProcessException>(() => session.AllAsync("die").WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
        Assert.Equal((9, AmpErrorId.CliFailed), (died.ExitCode, died.ErrorId));
        Assert.Equal(AmpSessionState.Failed, session.State);
        foreach (Func<Task> call in (Func<Task>[])[() => session.AllAsync("two"), () => session.EndAsync(TestContext.Current.CancellationToken), () => session.ReceivedAsync(false), () => Task.Run(() => session.Post(new UserInputMessage("three")))])
        {
            AmpProcessException later = await Assert.ThrowsAsync<AmpProcessException>(call);
            Assert.Equal((9, AmpErrorId.CliFailed, session.ThreadId), (later.ExitCode, later.ErrorId, later.ThreadId));
            Assert.Contains("out of cheese", later.StandardError, StringComparison.Ordinal);
            Assert.Contains(session.ThreadId!, later.RecommendedAction!, StringComparison.Ordinal);
        }

        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_CLI_that_is_killed_between_turns_is_told_by_the_next_call()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals on Windows.");
        using FakeRun run = new(new FakeCliScript().Init().Turns());
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        await session.AnswerAsync("one");
        using (System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(session.ProcessId!.Value))
        {
            process.Kill();
        }

        await FakeRun.WaitForAsync(() => session.State == AmpSessionState.Failed, "the session to notice");
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => session.AllAsync("two"));
        Assert.Equal(("SIGKILL", AmpErrorId.CliTerminated), (error.Signal, error.ErrorId));
    }

    [Fact]
    public async Task A_CLI_that_was_interrupted_between_turns_is_replaced_with_a_warning()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Turns());
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        await session.AnswerAsync("one");

        // As Ctrl+C does to every process of a terminal.
        UnixSignal.SendInterrupt(session.ProcessId!.Value);
        await FakeRun.WaitForAsync(() => session.ProcessId is null, "the CLI's end");
        Assert.True(session.Failure is null, session.Failure?.ToString());
        Assert.Equal(AmpSessionState.Ready, session.State);
        List<AmpEvent> events = [];
        await foreach (AmpEvent item in session.StreamAsync(new UserInputMessage("two"), TestContext.Current.CancellationToken))
        {
            events.Add(item);
        }

        Assert.Equal([AmpEventKind.Exited, AmpEventKind.Warning, AmpEventKind.Started], events.Take(3).Select(item => item.Kind));
        Assert.Contains("User cancelled", events[1].Text, StringComparison.Ordinal);
        Assert.Equal("Echo: two", Assert.IsType<AssistantMessage>(events[^1].Message).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_a_session_in_a_turn_breaks_it_off_and_leaves_nothing(bool isFirm)
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().EndPolitely().Init().ReadUntil("work").SpawnChild("setsid").Mark(run.Mark("working")).Hang());
        run.Options = run.Options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)], CancellationGracePeriod = FakeRun.HangLimit };
        AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        Task<List<StreamMessage>> turn = session.AllAsync("work");
        await run.MarkIsSetAsync("working");
        ResultMessage? result = null;
        if (isFirm)
        {
            await session.DisposeAsync();
        }
        else
        {
            result = await session.EndAsync(TestContext.Current.CancellationToken);
        }

        run.NothingIsLeft();
        Assert.NotEmpty(run.Record.Files);
        Assert.All(run.Record.Files, file => Assert.False(File.Exists(file.Path)));
        await Assert.ThrowsAsync<AmpCanceledException>(() => turn.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
        Assert.True(isFirm || result!.Outcome == ResultOutcome.Canceled);
        AmpSessionException ended = await Assert.ThrowsAsync<AmpSessionException>(() => session.AllAsync("more"));
        Assert.Equal(AmpErrorId.SessionEnded, ended.ErrorId);
    }

    [Fact]
    public async Task A_CLI_that_stays_after_the_end_of_its_input_is_ended_and_said_so()
    {
        using FakeRun run = new(new FakeCliScript().IgnoreSignals("INT", "TERM").Init().Turn().Read().Hang());
        run.Options = run.Options with { ExitGracePeriod = TimeSpan.FromMilliseconds(300), CancellationGracePeriod = TimeSpan.FromMilliseconds(100) };
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        await session.AnswerAsync("one");
        AmpTimeoutException error = await Assert.ThrowsAsync<AmpTimeoutException>(() => session.EndAsync(TestContext.Current.CancellationToken).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
        Assert.Equal(AmpErrorId.Timeout, error.ErrorId);
        run.NothingIsLeft();
    }
}
