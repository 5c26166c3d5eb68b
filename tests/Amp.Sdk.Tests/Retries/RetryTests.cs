using System.Collections.Specialized;
using System.Text;
using Amp.Execution;
using Amp.Messages;
using Amp.Permissions;
using Amp.Records;
using Amp.Sdk.Tests.Records;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Retries;

/// <summary>Runs that the service could not serve, tried again: on the real CLIs, and on the fake one where a try must be left in a certain state.</summary>
public sealed class RetryTests
{
    private const string Busy = """{"error":{"status":529,"type":"overloaded_error","message":"Overloaded"}}""";
    private const string BusyForMoment = "529 overloaded_error: Overloaded, try again in 1 ms";
    private const string Throttled = """{"error":{"status":429,"type":"rate_limit_error","message":"Too many requests, try again in 1 second"}}""";

    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    public static MatrixTheoryData<RealCliBuild, string> Faults => RealRun.BuildsWith(AmpErrorId.Overloaded, AmpErrorId.Throttled);

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_run_is_continued_in_its_thread(RealCliBuild build, string errorId)
    {
        string fault = errorId == AmpErrorId.Overloaded ? Busy : Throttled;
        await using RealRun run = await RealRun.StartAsync(build, $$$"""{"rules":[{"times":1,"answer":{{{fault}}}},{"answer":"Done."}]}""");
        run.Options = run.Options with { RetryLimit = 2 };
        RunOutcome outcome = await run.RunAsync("the work");
        ResultMessage result = outcome.Finished();
        Assert.Equal("Done.", result.Result);
        AmpRetry retry = Assert.Single(result.Retries);
        Assert.Equal(errorId, retry.ErrorId);
        Assert.Equal(retry, Assert.Single(outcome.Events, item => item.Kind == AmpEventKind.Retry).Retry);
        Assert.Single(run.Service.Threads);
        Assert.Single(outcome.Messages.OfType<ResultMessage>());
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Without_a_limit_and_for_a_quota_nothing_is_tried_again(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build, $$$"""
            {"rules":[
              {"when":{"prompt":"quota"},"answer":{"error":{"status":402,"type":"billing_error","message":"You've exceeded your usage quota of $10 per day. Your quota will reset in 3 hours."} } },
              {"answer":{{{Busy}}}}
            ]}
            """);
        RunOutcome once = await run.RunAsync("the work");
        Assert.Empty(Assert.IsType<ErrorResultMessage>(once.Result).Retries);
        run.Options = run.Options with { RetryLimit = 3 };
        RunOutcome quota = await run.RunAsync("the quota");
        Assert.Equal(AmpErrorId.QuotaExceeded, new AmpAgentException(Assert.IsType<ErrorResultMessage>(quota.Result)).ErrorId);
        Assert.Empty(quota.Result!.Retries);
        Assert.DoesNotContain(once.Events.Concat(quota.Events), item => item.Kind == AmpEventKind.Retry);
    }

    /// <summary>Each kind of error, before and after a write: whether it is tried again, and how often the service was asked in all.</summary>
    public static TheoryData<string, bool, int> Kinds => new()
    {
        { AmpErrorId.Overloaded, false, 2 },
        { AmpErrorId.Overloaded, true, 2 },
        { AmpErrorId.Throttled, false, 2 },
        { AmpErrorId.Throttled, true, 2 },
        { AmpErrorId.QuotaExceeded, false, 1 },
        { AmpErrorId.QuotaExceeded, true, 2 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_service_is_asked_once_more_only_where_nothing_was_written(string errorId, bool hasWritten, int asked)
    {
        string fault = errorId == AmpErrorId.Overloaded ? Busy
            : errorId == AmpErrorId.Throttled ? Throttled
            : """{"error":{"status":402,"type":"billing_error","message":"You've exceeded your usage quota of $10 per day. Your quota will reset in 3 hours."} }""";
        string write = hasWritten ? """{"times":1,"answer":{"blocks":[{"tool":"create_file","input":{"path":"made","content":"x"}}]}},""" : string.Empty;
        await using RealRun run = await RealRun.StartAsync(RealCliBuild.March2026, $$$"""{"rules":[{{{write}}}{"times":9,"answer":{{{fault}}}},{"answer":"Done."}]}""");
        run.Options = run.Options with { DangerouslyAllowAll = true, RetryLimit = 1 };
        RunOutcome outcome = await run.RunAsync("the work");
        bool isRetried = !hasWritten && errorId != AmpErrorId.QuotaExceeded;
        Assert.Equal(errorId, new AmpAgentException(Assert.IsType<ErrorResultMessage>(outcome.Result)).ErrorId);
        Assert.Equal(isRetried ? [errorId] : [], outcome.Result.Retries.Select(retry => retry.ErrorId));
        Assert.Equal(asked, run.Service.Requests.Count);
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_is_tried_again()
    {
        await using RealRun run = await RealRun.StartAsync(RealCliBuild.March2026);
        await run.Service.DisposeAsync();
        run.Options = run.Options with { RetryLimit = 1, ServiceLossTimeout = TimeSpan.FromSeconds(4) };
        RunOutcome outcome = await run.RunAsync("the work");
        Assert.Equal(AmpErrorId.ServiceUnreachable, Assert.Single(outcome.Events, item => item.Kind == AmpEventKind.Retry).Retry!.ErrorId);
        Assert.Equal(AmpErrorId.ServiceUnreachable, (outcome.Error as AmpException)?.ErrorId ?? new AmpAgentException(Assert.IsType<ErrorResultMessage>(outcome.Result)).ErrorId);
    }

    [Theory]
    [InlineData("Error: 429 Too many requests, try again in 1 ms", true)]
    [InlineData("MCP server 'fs' connected in 3 seconds\nError: 429 Too many requests, try again in 1 ms", true)]
    [InlineData("Error: Out of credits", false)]
    public async Task A_run_that_the_service_refused_before_any_message_is_tried_again_and_a_quota_is_not(string words, bool isRetried)
    {
        using FakeRun run = new(new FakeCliScript()
            .OnStart(1, steps => steps.ErrorRaw(words + "\n").Exit(1))
            .OnStart(2, steps => steps.Init().Read().Result("done")));
        run.Options = run.Options with { RetryLimit = 1 };
        RunOutcome outcome = await run.RunAsync();
        AmpRetry[] retries = [.. outcome.Events.Where(item => item.Kind == AmpEventKind.Retry).Select(item => item.Retry!)];
        Assert.Equal(isRetried ? [(AmpErrorId.Throttled, TimeSpan.FromMilliseconds(1))] : [], retries.Select(retry => (retry.ErrorId, retry.Delay)));
        Assert.Equal(isRetried ? null : AmpErrorId.QuotaExceeded, (outcome.Error as AmpException)?.ErrorId);
        Assert.Equal(isRetried ? "done" : null, outcome.Result?.Result);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_tool_that_may_have_changed_something_only_where_that_is_allowed(bool isAllowed)
    {
        await using RealRun run = await RealRun.StartAsync(RealCliBuild.March2026, $$$"""
            {"rules":[
              {"when":{"step":0,"turn":0},"answer":{"blocks":[{"tool":"shell","input":{"command":"echo x >> made"}}]}},
              {"when":{"step":1},"answer":{{{Busy}}}},
              {"answer":"Done."}
            ]}
            """);
        run.Options = run.Options with { DangerouslyAllowAll = true, RetryLimit = 1, RetryAfterChange = isAllowed };
        RunOutcome outcome = await run.RunAsync("the work");
        Assert.Equal(isAllowed ? 1 : 0, outcome.Result!.Retries.Count);
        Assert.Equal(!isAllowed, outcome.Result.IsError);
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(run.Project, "made"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_last_try_tells_what_is_wrong_and_the_limit_of_time_holds_for_all()
    {
        await using RealRun run = await RealRun.StartAsync(RealCliBuild.March2026, $$$"""{"rules":[{"answer":{{{Busy}}}}]}""");
        run.Options = run.Options with { RetryLimit = 1 };
        RunOutcome outcome = await run.RunAsync("the work");
        Assert.Single(Assert.IsType<ErrorResultMessage>(outcome.Result).Retries);
        Assert.Single(outcome.Messages.OfType<ResultMessage>());

        // A wait that would outlast the run is not begun.
        run.Options = run.Options with { RetryLimit = 100, Timeout = TimeSpan.FromSeconds(20) };
        RunOutcome late = await run.RunAsync("the work");
        Assert.InRange(late.Events.Count(item => item.Kind == AmpEventKind.Retry), 0, 5);
        Assert.True(late.Error is AmpTimeoutException || late.Result is ErrorResultMessage);
    }

    [Fact]
    public async Task A_runs_own_limits_hold_for_all_its_tries_and_answers_are_asked_for_again()
    {
        await using RealRun run = await RealRun.StartAsync(RealCliBuild.March2026, $$$"""
            {"rules":[
              {"when":{"step":0},"answer":{"blocks":[{"tool":"Read","input":{"path":"/etc/hostname"}}]},"times":1},
              {"times":1,"answer":{{{Busy}}}},
              {"times":2,"answer":{"blocks":[{"tool":"Read","input":{"path":"/etc/hostname"}}]}},
              {"answer":{"hang":true}}
            ]}
            """);
        run.Options = run.Options with
        {
            OutputSchema = OutputSchema.Parse("""{"type":"string"}"""),
            Permissions = [new AmpPermission("Read", PermissionAction.Allow)],
            RetryLimit = 1,
            Timeout = FakeRun.HangLimit,
            CancellationGracePeriod = FakeRun.HangLimit,
            ToolUseLimit = 2,
        };
        RunOutcome outcome = await run.RunAsync("the work");
        Assert.Equal(ResultOutcome.BudgetReached, outcome.Result!.Outcome);
        Assert.Single(outcome.Result.Retries);

        // The last use that is allowed is carried out; the next one ends the run.
        Assert.Equal(3, outcome.Messages.OfType<AssistantMessage>().Count(message => message.CallsTool));
    }

    [Fact]
    public async Task What_the_agent_changed_in_one_try_is_still_a_change_in_the_next_one_and_the_verifications_count_together()
    {
        using FakeRun run = new(new FakeCliScript()
            .OnStart(1, steps => steps.Init().Turn().ReadLine().Write("${CWD}/tests/a", "bad").ErrorResult(BusyForMoment))
            .OnStart(2, steps => steps.Init().Turn().Read().Result("done")));
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(run.Project, "tests")).FullName, "a");
        await File.WriteAllTextAsync(file, "good", TestContext.Current.CancellationToken);
        run.Options = run.Options with
        {
            RetryLimit = 1,
            VerifyLimit = 2,
            VerifyPaths = [Path.Combine(run.Project, "tests")],
            Verify = (request, _) => Task.FromResult(new AmpVerification(request.Attempt > 1)),
        };
        RunOutcome outcome = await run.RunAsync();
        AmpVerificationException error = outcome.Failed<AmpVerificationException>(AmpErrorId.VerificationFailed);
        Assert.Single(outcome.Result!.Retries);
        Assert.Equal([1, 2], error.Verifications.Select(verification => verification.Attempt));
        Assert.Equal([1, 2], outcome.Result.Verifications.Select(verification => verification.Attempt));
        Assert.Empty(error.Verifications[0].ChangedFiles);
        Assert.Equal([file], error.Verifications[1].ChangedFiles);
    }

    [Fact]
    public async Task A_verification_that_passed_in_one_try_says_nothing_about_the_next_one()
    {
        using FakeRun run = new(new FakeCliScript()
            .OnStart(1, steps => steps.Init().Turn().Read().ErrorResult(BusyForMoment))
            .OnStart(2, steps => steps.Init().ReadLine().Result("done")));
        run.Options = run.Options with { RetryLimit = 1, Verify = (_, _) => Task.FromResult(new AmpVerification(true)) };
        RunOutcome outcome = await run.RunAsync();
        Assert.True(Assert.Single(outcome.Failed<AmpVerificationException>(AmpErrorId.VerificationFailed).Verifications).Passed);
        Assert.Equal(ResultOutcome.NotVerified, outcome.Result!.Outcome);
    }

    [Fact]
    public async Task A_retry_that_a_limit_does_not_allow_leaves_the_result_and_its_thread()
    {
        using FakeRun run = new(new FakeCliScript().Init().Read().Assistant("half").ErrorResult(BusyForMoment));
        run.Options = run.Options with { RetryLimit = 1, TurnLimit = 1, TranscriptPath = run.Mark("run.ndjson") };
        RunOutcome outcome = await run.RunAsync();
        AmpBudgetException error = outcome.Failed<AmpBudgetException>(AmpErrorId.BudgetReached);
        ErrorResultMessage result = Assert.IsType<ErrorResultMessage>(outcome.Result);
        Assert.Equal(result.SessionId, error.ThreadId);
        Assert.Contains("not retried", error.Message, StringComparison.Ordinal);
        Assert.Single(outcome.Events, item => item.Kind == AmpEventKind.Started);

        // The record has what the caller got, and no try that never began.
        List<TranscriptEntry> entries = await Recorded.ReadAsync(run.Mark("run.ndjson"));
        Assert.IsType<ErrorResultMessage>(entries.Messages()[^1]);
        Assert.DoesNotContain(entries, entry => entry.Kind == TranscriptEntryKind.Retry);
        TranscriptEnd end = entries[^1].End!;
        Assert.Equal((AmpErrorId.BudgetReached, result.SessionId), (end.ErrorId, end.ThreadId));
    }

    [Fact]
    public async Task A_retry_that_cannot_be_planned_leaves_the_result()
    {
        using FakeRun run = new(new FakeCliScript().Init().Read().ErrorResult(BusyForMoment));
        string folder = Directory.CreateDirectory(run.Mark("work")).FullName;
        run.Options = run.Options with { RetryLimit = 1, WorkingDirectory = folder };
        RunOutcome outcome = await RunOutcome.OfAsync(run.PlanAsync(), "Say hello", TestContext.Current.CancellationToken, item =>
        {
            if (item.Kind == AmpEventKind.Retry)
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        Assert.Equal(nameof(AmpOptions.WorkingDirectory), outcome.Failed<AmpValidationException>(AmpErrorId.InvalidOption).OptionName);
        Assert.IsType<ErrorResultMessage>(outcome.Result);
        Assert.Equal(AmpEventKind.Retry, outcome.Events[^2].Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_denial_in_one_try_is_one_of_the_run(bool failsOnDenial)
    {
        using FakeRun run = new(new FakeCliScript()
            .OnStart(1, steps => steps.Init().Read()
                .Out(FakeMessages.ToolUse("read_web_page", "{}"), FakeMessages.ToolResult("Tool execution rejected by user: no", isError: true))
                .ErrorResult(BusyForMoment))
            .OnStart(2, steps => steps.Init().Read().Result("done")));
        run.Options = run.Options with { RetryLimit = 1, FailOnDenial = failsOnDenial };
        RunOutcome outcome = await run.RunAsync();
        ResultMessage result = Assert.IsType<ResultMessage>(outcome.Result);
        Assert.Equal(failsOnDenial ? AmpErrorId.AgentError : null, (outcome.Error as AmpException)?.ErrorId);
        Assert.Equal(("done", ResultOutcome.Denied, 1), (result.Result, result.Outcome, result.Retries.Count));
        Assert.Equal("read_web_page", Assert.Single(result.Denials).Tool);
    }

    [Fact]
    public async Task A_call_that_was_rejected_in_one_try_is_a_decision_of_the_run()
    {
        MockToolUse call = new("Read", new OrderedDictionary { ["path"] = "/etc/hostname" }) { Asks = true };
        AmpReplay replay = new([new AmpMock { ToolUses = [call], Error = BusyForMoment, Times = 1 }, new AmpMock { Text = "done" }]);
        ResultMessage result = await AmpClient.RunAsync(
            "go",
            new AmpOptions { Transport = replay.Transport, RetryLimit = 1, Approval = (_, _) => Task.FromResult(ApprovalDecision.Reject("not that")) },
            TestContext.Current.CancellationToken);
        Assert.Equal(("done", ResultOutcome.Denied, 1), (result.Result, result.Outcome, result.Retries.Count));
        Assert.False(Assert.Single(result.Approvals).IsAllowed);
        Assert.Equal("Read", Assert.Single(result.Denials).Tool);
    }

    [Fact]
    public async Task What_all_tries_have_used_is_counted_once()
    {
        static string End(string fields, int input, int output) =>
            $$"""{"type":"result",{{fields}},"num_turns":1,"usage":{"input_tokens":{{input}},"output_tokens":{{output}},"max_tokens":300000},"session_id":"${SESSION}"}""";
        using FakeRun run = new(new FakeCliScript()
            .OnStart(1, steps => steps.Init().Read().Assistant("half")
                .Out(End($"\"subtype\":\"error_during_execution\",\"is_error\":true,\"error\":\"{BusyForMoment}\",\"total_cost_usd\":0.5", 100, 50)))
            .OnStart(2, steps => steps.Init().Read().Assistant("done").Out(End("\"subtype\":\"success\",\"is_error\":false,\"result\":\"done\",\"total_cost_usd\":0.25", 30, 25))));
        AmpBudget budget = new(tokenLimit: 100_000);
        run.Options = run.Options with { RetryLimit = 1, Budget = budget };
        RunOutcome outcome = await run.RunAsync();
        ResultMessage result = outcome.Finished();
        Assert.Equal((130, 75, 300_000, 2), (result.Usage?.InputTokens, result.Usage?.OutputTokens, result.Usage?.MaxTokens, result.NumTurns));
        Assert.Equal(205, budget.TokensUsed);
        foreach (IReadOnlyList<StreamMessage> messages in (IReadOnlyList<StreamMessage>[])[outcome.Messages, [result]])
        {
            UsageCounter counter = new([]);
            foreach (StreamMessage message in messages)
            {
                counter.Add(message, UsageOrigin.Unknown);
            }

            UsageTotal total = Assert.Single(counter.Complete());
            Assert.Equal((1, 2, 130, 75, 0.75m), (total.Runs, total.Turns, total.InputTokens, total.OutputTokens, total.Cost));
        }
    }

    [Fact]
    public async Task A_retry_that_takes_too_long_names_the_limit_of_the_caller()
    {
        using FakeRun run = new(new FakeCliScript().Echo());
        run.Options = run.Options with { RetryLimit = 1, Timeout = TimeSpan.FromMinutes(15) };
        RunPlan retry = (await run.PlanAsync()).Again(threadId: null, "go on", TimeSpan.FromSeconds(7));
        RunEnd end = new(StopReason.Timeout, null, null, null, null, string.Empty, false);
        AmpTimeoutException error = Assert.IsType<AmpTimeoutException>(RunFailure.Of(end, retry, TestContext.Current.CancellationToken));
        Assert.Equal(TimeSpan.FromSeconds(7), retry.Options.Timeout);
        Assert.Equal(TimeSpan.FromMinutes(15), error.Limit);
    }

    [Fact]
    public void Many_tries_keep_no_more_calls_than_one_and_a_try_without_messages_copies_nothing()
    {
        RunSummary? earlier = null;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            RunTally tally = new(RejectMessages.None, earlier);
            MessageParser parser = new(tally);
            for (int call = 0; call < 600; call++)
            {
                parser.Parse(Encoding.UTF8.GetBytes(
                    $$$$"""{"type":"assistant","message":{"role":"assistant","content":[{"type":"tool_use","id":"{{{{attempt}}}}-{{{{call}}}}","name":"Bash","input":{}}]},"session_id":"T-1"}"""));
            }

            earlier = tally.Conclude();
        }

        Assert.Equal((1000, 1800), (earlier!.Unanswered.Count, earlier.ToolUseCount));
        RunSummary next = new RunTally(RejectMessages.None, earlier).Conclude();
        Assert.Same(earlier.Unanswered, next.Unanswered);
        Assert.Same(earlier.FilesTouched, next.FilesTouched);
        Assert.Same(earlier.Denials, next.Denials);
        Assert.Equal((1800, earlier.EarlierTurns), (next.ToolUseCount, next.EarlierTurns));
    }

    [Theory]
    [InlineData("24 hours", true)]
    [InlineData("25 hours", false)]
    [InlineData("90000 minutes", false)]
    public async Task A_service_that_asks_for_more_than_a_day_is_not_waited_for(string wait, bool isRetried)
    {
        // A replay does not wait, and does not reduce the number of runs of the other tests.
        AmpReplay replay = new([new AmpMock { Error = $"429 Too many requests. Try again in {wait}.", Times = 1 }, new AmpMock { Text = "done" }]);
        CancellationToken token = TestContext.Current.CancellationToken;
        RunOutcome outcome = await RunOutcome.OfAsync(AmpClient.PlanAsync("go", new AmpOptions { Transport = replay.Transport, RetryLimit = 1 }, token), "go", token);
        Assert.Null(outcome.Error);
        Assert.Equal(!isRetried, outcome.Result!.IsError);
        Assert.Equal(isRetried ? 1 : 0, outcome.Result.Retries.Count);
    }

    [Theory]
    [InlineData("Overloaded", AmpErrorId.Overloaded, null)]
    [InlineData("Model Provider Overloaded Try again in a few seconds.", AmpErrorId.Overloaded, null)]
    [InlineData("429 {\"type\":\"error\"}", AmpErrorId.Throttled, null)]
    [InlineData("Rate limit reached, try again in 7 seconds", AmpErrorId.Throttled, 7)]
    [InlineData("Too Many Requests. Retry after 2 minutes", AmpErrorId.Throttled, 120)]
    [InlineData("Out of credits", AmpErrorId.QuotaExceeded, null)]
    [InlineData("You've exceeded your usage limit of $5 per hour", AmpErrorId.QuotaExceeded, null)]
    [InlineData("The file 4290.txt is not there", null, null)]
    public void The_words_of_a_fault_are_known(string error, string? errorId, int? seconds)
    {
        Assert.Equal(errorId, ServiceFaults.IdOf(error));
        Assert.Equal(seconds is int wait ? TimeSpan.FromSeconds(wait) : null, ServiceFaults.WaitOf(error));
    }
}
