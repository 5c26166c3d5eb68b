using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Sessions;
using Amp.Testing;

namespace Amp.Sdk.Tests.Sessions;

public sealed class TurnTests
{
    [Fact]
    public async Task Ten_turns_are_one_process_which_ends_with_the_session_and_its_final_result()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turns());
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, "ten", TestContext.Current.CancellationToken);
        Assert.Equal((AmpSessionState.Ready, null, 0), (session.State, session.ProcessId, session.TurnCount));
        HashSet<int?> processes = [];
        for (int number = 1; number <= 10; number++)
        {
            Assert.Equal($"Echo: turn {number}", await session.AnswerAsync($"turn {number}"));
            Assert.Equal((AmpSessionState.Ready, number), (session.State, session.TurnCount));
            processes.Add(session.ProcessId);
        }

        Assert.Equal(run.Record.ProcessId, Assert.Single(processes));
        Assert.Equal(run.Record.SessionId, session.ThreadId);
        Assert.Equal((100, 200), (session.Usage.InputTokens, session.Usage.OutputTokens));
        ResultMessage? result = await session.EndAsync(TestContext.Current.CancellationToken);
        Assert.Equal("Echo: turn 10", result?.Result);
        Assert.Equal((AmpSessionState.Ended, null), (session.State, session.ProcessId));
        Assert.True(run.Record.ReachedEndOfInput);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task An_answer_of_several_messages_counts_its_usage_once()
    {
        using FakeRun run = new(new FakeCliScript().Init().ReadUntil("go").Out(Part(7)).Out(Part(9)).Assistant("one").Turns());
        await using AmpSession session = await OpenAsync(run);
        Assert.Equal("one", await session.AnswerAsync("go"));

        // 10 and 9 of the answer, 10 and 20 of the last message.
        Assert.Equal((20, 29), (session.Usage.InputTokens, session.Usage.OutputTokens));

        static string Part(int output) =>
            $$$"""{"type":"assistant","message":{"id":"msg-1","role":"assistant","stop_reason":"tool_use","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":10,"output_tokens":{{{output}}}}},"session_id":"${SESSION}"}""";
    }

    [Fact]
    public async Task A_session_that_is_never_used_starts_nothing_and_has_no_result()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turns());
        AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(await session.EndAsync(TestContext.Current.CancellationToken));
        Assert.DoesNotContain(FakeCliRecord.ReadAll(run.Log), record => record.Kind == "Run");
        await session.DisposeAsync();
    }

    [Fact]
    public async Task The_plan_of_a_session_is_run_by_the_session_only()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turns());
        await using AmpSession session = await OpenAsync(run);
        RunPlan preview = AmpSession.Preview(run.Options);
        RunPlan planned = await AmpClient.PlanAsync(preview, TestContext.Current.CancellationToken);
        foreach (RunPlan plan in (RunPlan[])[session.Plan, preview, planned])
        {
            Assert.Throws<AmpValidationException>(() => AmpClient.StreamAsync(plan, TestContext.Current.CancellationToken));
        }

        Assert.Equal("Echo: one", await session.AnswerAsync("one"));
    }

    [Fact]
    public async Task A_second_message_is_refused_while_the_agent_works_and_taken_afterwards()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init().ReadUntil("first").Mark(run.Mark("working")).WaitFor(run.Mark("go")).Assistant("one").Turns());
        await using AmpSession session = await OpenAsync(run);
        Task<string> first = session.AnswerAsync("first");
        await run.MarkIsSetAsync("working");
        AmpSessionException error = await Assert.ThrowsAsync<AmpSessionException>(() => session.AllAsync("second"));
        Assert.Equal(AmpErrorId.SessionBusy, error.ErrorId);
        Assert.Equal(AmpSessionState.Running, session.State);
        await File.WriteAllTextAsync(run.Mark("go"), "", TestContext.Current.CancellationToken);
        Assert.Equal("one", await first);
        Assert.Equal("Echo: third", await session.AnswerAsync("third"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_turn_that_is_canceled_names_the_token_of_its_caller_and_one_that_is_stopped_none(bool isStopped)
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().EndPolitely().Init().ReadUntil("go").Mark(run.Mark("working")).Hang());
        await using AmpSession session = await OpenAsync(run);
        using CancellationTokenSource cancel = new();
        Task turn = Task.Run(
            async () =>
            {
                await foreach (StreamMessage _ in session.SendAsync("go", cancel.Token))
                {
                }
            },
            TestContext.Current.CancellationToken);
        await run.MarkIsSetAsync("working");
        await (isStopped ? session.StopTurnAsync() : cancel.CancelAsync());
        AmpCanceledException canceled = await Assert.ThrowsAsync<AmpCanceledException>(() => turn.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
        Assert.Equal(isStopped ? CancellationToken.None : cancel.Token, canceled.CancellationToken);
        Assert.Equal(session.ThreadId, canceled.ThreadId);
        Assert.NotNull(canceled.ThreadId);
    }

    [Fact]
    public async Task What_nobody_waits_for_is_kept_whole_and_given_once()
    {
        using FakeRun run = new();

        // A turn that waited for a reader would never end.
        run.Follow(new FakeCliScript().Init().ReadUntil("many").Repeat(FakeRun.MoreLinesThanCanWait, steps => steps.Out(FakeMessages.User("x"))).Assistant("many").Turns());
        await using AmpSession session = await OpenAsync(run);
        session.Post(new UserInputMessage("many"));
        await FakeRun.WaitForAsync(() => session.TurnCount == 1, "the turn's end");
        Assert.Equal("Echo: other", await session.AnswerAsync("other"));
        List<AmpEvent> kept = await session.ReceivedAsync(waitForEnd: false);
        Assert.Equal(FakeRun.MoreLinesThanCanWait + 2, kept.Count(item => item.Message is not null));
        Assert.Equal("many", Assert.IsType<AssistantMessage>(kept[^1].Message).Text);
        Assert.Empty(await session.ReceivedAsync(waitForEnd: true));
    }

    [Fact]
    public async Task What_comes_between_turns_and_cannot_be_kept_is_counted()
    {
        // More than the pipe and the queue can hold has been read when the CLI has written it all.
        const int Lines = 20_000;
        using FakeRun run = new();
        run.Follow(new FakeCliScript().EndPolitely().Init().Turn().Repeat(Lines, steps => steps.Out(new string('n', 60))).Mark(run.Mark("written")).Turns());
        await using AmpSession session = await OpenAsync(run);
        await session.AnswerAsync("one");
        await FakeRun.WaitForAsync(() => File.Exists(run.Mark("written")), "all lines");
        session.Post(new UserInputMessage("two"));
        List<AmpEvent> events = await session.ReceivedAsync(waitForEnd: true);
        string warning = Assert.Single(events, item => item.Kind == AmpEventKind.Warning).Text!;
        int dropped = int.Parse(warning.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(Lines, dropped + events.Count(item => item.Kind == AmpEventKind.OutputText));
    }

    [Fact]
    public async Task A_turn_that_is_under_way_is_given_as_far_as_it_has_come_or_waited_for()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init().ReadUntil("go").Out(FakeMessages.User("half")).Mark(run.Mark("half")).WaitFor(run.Mark("on")).Assistant("whole").Turns());
        await using AmpSession session = await OpenAsync(run);
        session.Post(new UserInputMessage("go"));
        List<AmpEvent> events = [];
        await FakeRun.WaitForAsync(
            () =>
            {
                events.AddRange(session.ReceivedAsync(waitForEnd: false).GetAwaiter().GetResult());
                return events.Count(item => item.Message is not null) == 2;
            },
            "half of the turn");
        using CancellationTokenSource impatient = new();
        Task waiting = Task.Run(async () =>
        {
            await foreach (AmpEvent _ in session.ReceiveAsync(waitForEnd: true, impatient.Token))
            {
                Assert.Fail("Nothing more has come.");
            }
        }, TestContext.Current.CancellationToken);
        await impatient.CancelAsync();
        await Assert.ThrowsAsync<AmpCanceledException>(() => waiting);
        Assert.Equal(AmpSessionState.Running, session.State);
        await File.WriteAllTextAsync(run.Mark("on"), "", TestContext.Current.CancellationToken);
        Assert.Equal("whole", Assert.IsType<AssistantMessage>(Assert.Single(await session.ReceivedAsync(waitForEnd: true)).Message).Text);
    }

    [Fact]
    public async Task A_slow_reader_holds_up_the_CLI_and_loses_nothing()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init().ReadUntil("go").Repeat(FakeRun.MoreLinesThanCanWait, steps => steps.Out(FakeMessages.User(new string('x', 1024))))
            .Mark(run.Mark("written")).Assistant("done").Read().Result("done"));
        TimeSpan limit = FakeRun.ShortLimit;
        SessionDraft draft = AmpSession.Draft(run.Options with { IdleTimeout = limit });
        await using AmpSession session = await AmpSession.OpenAsync(draft, null, TestContext.Current.CancellationToken);
        int count = 0;
        await foreach (StreamMessage _ in session.SendAsync("go", TestContext.Current.CancellationToken))
        {
            if (++count == 1)
            {
                await FakeRun.WaitForAsync(() => draft.Process.Clock is { IsHeld: true }, "the CLI that waits for its reader");
                await Task.Delay(limit + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
                Assert.False(File.Exists(run.Mark("written")));
            }
        }

        Assert.Equal(FakeRun.MoreLinesThanCanWait + 2, count);
    }

    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task A_thread_is_archived_at_the_end_of_its_session_and_not_at_that_of_a_process(RealCliBuild build)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals on Windows.");
        await using RealRun run = await RealRun.StartAsync(build);
        await using AmpSession session = await AmpSession.OpenAsync(run.Options with { Archive = true }, cancellationToken: TestContext.Current.CancellationToken);
        await session.AnswerAsync("one");
        UnixSignal.SendInterrupt(session.ProcessId!.Value);
        await FakeRun.WaitForAsync(() => session.ProcessId is null, "the CLI's end");
        Assert.False(Assert.Single(run.Service.Threads).IsArchived);
        await session.AnswerAsync("two");
        await session.EndAsync(TestContext.Current.CancellationToken);
        Assert.True(Assert.Single(run.Service.Threads).IsArchived);
        await session.EndAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_thread_that_cannot_be_archived_is_told_and_the_session_has_ended()
    {
        using FakeRun run = new(new FakeCliScript().WithArgument("archive", steps => steps.Error("Error: out of cheese").Exit(1)).Init().Turns());
        await using AmpSession session = await AmpSession.OpenAsync(run.Options with { Archive = true }, cancellationToken: TestContext.Current.CancellationToken);
        await session.AnswerAsync("one");
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => session.EndAsync(TestContext.Current.CancellationToken));
        Assert.Contains("out of cheese", error.Message + error.StandardError, StringComparison.Ordinal);
        Assert.Equal((AmpSessionState.Ended, "Echo: one"), (session.State, session.Result?.Result));
        Assert.DoesNotContain("--archive", run.Record.Arguments);
    }

    [Fact]
    public async Task A_session_on_another_machine_does_not_archive_its_thread()
    {
        AmpOptions options = new() { Transport = new SshTransport("host"), Archive = true };
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => AmpSession.OpenAsync(options, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((nameof(AmpOptions.Archive), AmpErrorId.UnsupportedByHost), (error.OptionName, error.ErrorId));
    }

    [Fact]
    public async Task Sessions_work_beside_each_other()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init()
            .OnStart(1, steps => steps.Mark(run.Mark("1"))).OnStart(2, steps => steps.Mark(run.Mark("2")))
            .WaitFor(run.Mark("1")).WaitFor(run.Mark("2")).Turns());
        await using AmpSession one = await OpenAsync(run);
        await using AmpSession two = await OpenAsync(run);
        string[] answers = await Task.WhenAll(one.AnswerAsync("one"), two.AnswerAsync("two"));
        Assert.Equal(["Echo: one", "Echo: two"], answers);
        Assert.NotEqual(one.ProcessId, two.ProcessId);
        Assert.NotEqual(one.Id, two.Id);
        Assert.NotEqual(one.ThreadId, two.ThreadId);
    }

    private static Task<AmpSession> OpenAsync(FakeRun run) =>
        AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
}
