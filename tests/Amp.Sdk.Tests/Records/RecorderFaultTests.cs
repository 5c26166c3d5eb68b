using Amp.Budgets;
using Amp.Execution;
using Amp.Messages;
using Amp.Plans;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Records;

/// <summary>A run whose record has a fault goes on, and its record tells how the run ended, not how one of its tries did.</summary>
public sealed class RecorderFaultTests
{
    private const string Busy = "529 overloaded_error: Overloaded, try again in 1 ";

    [Fact]
    public async Task Any_fault_of_the_record_is_one_warning_that_is_kept_until_somebody_gets_it()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson") };
        RunPlan plan = await run.PlanAsync();
        await using RunSurroundings surroundings = await RunSurroundings.OpenAsync(
            plan, await plan.ConnectAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        List<string> warnings = [];
        using (RunRecorder recorder = RunRecorder.Of(plan)!)
        {
            recorder.Begin(surroundings);
            recorder.WarnBy(_ => false);
            recorder.NoteInput("before");
            recorder.Note(AmpEvent.FromMessage(null!));
            recorder.Note(AmpEvent.FromMessage(null!));
            recorder.WarnBy(text =>
            {
                warnings.Add(text);
                return true;
            });
            Assert.Contains("continues without it", Assert.Single(warnings), StringComparison.Ordinal);
            Assert.Null(recorder.Close(new AmpCanceledException(CancellationToken.None)));
        }

        Assert.Single(warnings);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(run.Mark("run.ndjson"));
        Assert.Equal("Started Input Warning Ended", entries.Kinds());
        Assert.Equal(ResultOutcome.Canceled, entries[^1].End!.Outcome);
    }

    [Fact]
    public async Task The_CLI_is_not_silent_while_the_disk_keeps_its_reader_waiting()
    {
        Assert.SkipWhen(!OperatingSystem.IsLinux(), "Replaces the open file of this process.");
        using FakeRun run = new();
        string path = run.Mark("run.ndjson");
        run.Follow(new FakeCliScript().Init().WaitFor(run.Mark("go")).Line(200_000).Result("done"));
        run.Options = run.Options with { TranscriptPath = path };
        RunClock? clock = null;
        ResultMessage? result = null;
        RunRole role = new() { Started = started => clock = started.Clock };
        await foreach (AmpEvent item in AgentRun.StreamAsync(await run.PlanAsync(), TestContext.Current.CancellationToken, role))
        {
            result ??= item.Message as ResultMessage;
            if (item.Message is SystemMessage)
            {
                FileStream held = FullDisk.Stall(path);
                await File.WriteAllTextAsync(run.Mark("go"), "", TestContext.Current.CancellationToken);
                await FakeRun.WaitForAsync(() => clock!.IsHeld, "the reader that waits for the disk");
                _ = Task.Run(
                    () =>
                    {
                        using (held)
                        {
                            held.CopyTo(Stream.Null);
                        }
                    },
                    TestContext.Current.CancellationToken);
            }
        }

        Assert.Equal("done", result?.Result);
    }

    [Fact]
    public async Task A_run_that_ends_before_it_has_begun_has_an_end()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson") };
        RunRole role = new() { Started = _ => throw new InvalidOperationException("The caller has a fault.") };
        await using IAsyncEnumerator<AmpEvent> events = AgentRun.StreamAsync(await run.PlanAsync(), TestContext.Current.CancellationToken, role).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await events.MoveNextAsync());

        Assert.Equal("Started Ended", (await Recorded.ReadAsync(run.Mark("run.ndjson"))).Kinds());
    }

    [Fact]
    public async Task A_fault_of_this_library_is_the_end_of_the_run()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Hang());
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson") };
        using CancellationTokenSource cancel = new();
        RunRole role = new() { IsLate = () => throw new InvalidOperationException("The reader has a fault.") };
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (AmpEvent item in AgentRun.StreamAsync(await run.PlanAsync(), cancel.Token, role))
            {
                if (item.Message is SystemMessage)
                {
                    await cancel.CancelAsync();
                }
            }
        });

        TranscriptEntry last = (await Recorded.ReadAsync(run.Mark("run.ndjson")))[^1];
        Assert.Equal((AmpErrorId.CliFailed, "The reader has a fault."), (last.End?.ErrorId, last.End?.Error));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_a_run_that_is_left_before_its_next_try_is_not_that_of_the_last_one(bool isCanceled)
    {
        using FakeRun run = new(new FakeCliScript().Init().Read().ErrorResult(Busy + "hour"));
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson"), RetryLimit = 1 };
        using CancellationTokenSource cancel = new();
        bool isRetried = false;
        try
        {
            await foreach (AmpEvent item in AmpClient.StreamAsync(await run.PlanAsync(), cancel.Token))
            {
                isRetried |= item.Kind == AmpEventKind.Retry;
                if (isRetried && !isCanceled)
                {
                    break;
                }

                if (isRetried)
                {
                    await cancel.CancelAsync();
                }
            }
        }
        catch (AmpCanceledException)
        {
            // As requested.
        }

        Assert.True(isRetried);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(run.Mark("run.ndjson"));

        // No other try started, so the result is kept. While other runs are active, there is a warning that fewer of them run at the same time.
        Assert.Equal("Started system result Ended", entries.Where(entry => entry.Kind != TranscriptEntryKind.Warning).Kinds());
        TranscriptEnd end = entries[^1].End!;
        Assert.Equal((ResultOutcome.Canceled, AmpErrorId.Canceled), (end.Outcome, end.ErrorId));
        Assert.Null(end.ExitCode);
        Assert.Equal(entries[1].Message!.SessionId, end.ThreadId);
    }

    [Fact]
    public async Task The_result_counts_all_tries_as_in_the_live_run()
    {
        using FakeRun run = new(new FakeCliScript()
            .OnStart(1, steps => steps.Init().Read()
                .Out(FakeMessages.ToolUse("Bash", "{}"), FakeMessages.ToolResult("Tool execution rejected by user: no", isError: true))
                .ErrorResult(Busy + "ms"))
            .OnStart(2, steps => steps.Init().Read().Result("done")));
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson"), RetryLimit = 1, RetryAfterChange = true };
        ResultMessage live = (await run.RunAsync()).Finished();
        ResultMessage read = Assert.Single((await Recorded.ReadAsync(run.Mark("run.ndjson"))).Messages().OfType<ResultMessage>());

        Assert.Equal("done", read.Result);
        Assert.Equal((live.ToolUseCount, live.Usage?.OutputTokens, live.NumTurns, live.Outcome), (read.ToolUseCount, read.Usage?.OutputTokens, read.NumTurns, read.Outcome));
        Assert.Equal(live.Denials, read.Denials);
        Assert.Equal((1, 20, ResultOutcome.Denied), (read.ToolUseCount, read.Usage?.OutputTokens, read.Outcome));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_run_that_fails_before_its_CLI_starts_is_recorded(int retryLimit)
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        AmpBudget budget = new(tokenLimit: 10);
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson"), Budget = budget, RetryLimit = retryLimit };
        RunOutcome outcome = await ReachedAsync(run, budget);

        AmpBudgetException error = outcome.Failed<AmpBudgetException>(AmpErrorId.BudgetReached);
        Assert.DoesNotContain(outcome.Events, item => item.Kind == AmpEventKind.Started);
        List<TranscriptEntry> entries = await Recorded.ReadAsync(run.Mark("run.ndjson"));
        Assert.Equal("Started Ended", entries.Kinds());
        Assert.Equal("Say hello", entries[0].Run.Prompt);
        TranscriptEnd end = entries[1].End!;
        Assert.Equal((error.ErrorId, error.Message, ResultOutcome.BudgetReached), (end.ErrorId, end.Error, end.Outcome));
    }

    [Fact]
    public async Task A_record_that_cannot_be_written_does_not_hide_why_the_run_failed()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        string folder = Directory.CreateDirectory(run.Mark("runs")).FullName;
        AmpBudget budget = new(tokenLimit: 10);
        run.Options = run.Options with { TranscriptPath = Path.Combine(folder, "run.ndjson"), Budget = budget };
        RunOutcome outcome = await ReachedAsync(run, budget, () => Directory.Delete(folder));

        outcome.Failed<AmpBudgetException>(AmpErrorId.BudgetReached);
        Assert.False(Directory.Exists(folder));
    }

    // Another run uses the budget up between the plan and the run.
    private static async Task<RunOutcome> ReachedAsync(FakeRun run, AmpBudget budget, Action? planned = null)
    {
        RunPlan plan = await run.PlanAsync();
        budget.Add(new BudgetCounts(10, 0, 0, 0));
        planned?.Invoke();
        return await RunOutcome.OfAsync(Task.FromResult(plan), "Say hello", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_result_of_a_try_does_not_count_whatever_is_recorded_before_the_next_one()
    {
        using PrivateHome home = new();
        string path = Path.Combine(home.Root, "run.ndjson");
        using (TranscriptWriter writer = TranscriptWriter.Open(path))
        {
            writer.Write(MessageFactory.CreateErrorResult("busy", "T-1"));
            Talk(writer);
            writer.WriteRetry(new AmpRetry(1, AmpErrorId.Overloaded, "busy", TimeSpan.Zero));
            writer.Write(MessageFactory.CreateErrorResult("still busy", "T-1"));
            Talk(writer);
            writer.WriteEnd(new TranscriptEnd { Outcome = ResultOutcome.Failed });
        }

        List<TranscriptEntry> entries = await Recorded.ReadAsync(path);
        const string TalkKinds = "Warning OutputText InvalidLine Approval";
        Assert.Equal($"Started {TalkKinds} Retry {TalkKinds} result Ended", entries.Kinds());
        Assert.Equal("still busy", ((ErrorResultMessage)Assert.Single(entries.Messages())).Error);

        static void Talk(TranscriptWriter writer)
        {
            writer.WriteWarning("one");
            writer.WriteOutputText("two");
            writer.WriteInvalidLine(new AmpJsonException("It is broken.", "{"));
            writer.WriteApproval(new ToolApproval
            {
                ToolName = "Bash",
                ToolUseId = "c1",
                ThreadId = "T-1",
                Input = "{}",
                IsAllowed = true,
                Reason = null,
                AskedAt = DateTimeOffset.UtcNow,
                Duration = TimeSpan.Zero,
            });
        }
    }
}
