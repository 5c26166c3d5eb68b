using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Budgets;

/// <summary>One run and its limits.</summary>
public sealed class BudgetRunTests
{
    [Theory]
    [InlineData(nameof(AmpOptions.TokenLimit), 60)]
    [InlineData(nameof(AmpOptions.TurnLimit), 2)]
    [InlineData(nameof(AmpOptions.ToolUseLimit), 1)]
    public async Task At_a_limit_the_run_is_ended_and_its_thread_is_kept(string limit, int value)
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().SpawnChild().Init().Out(BudgetLines.Call).Out(BudgetLines.Call).Hang());
        run.Options = run.Options with
        {
            TokenLimit = limit == nameof(AmpOptions.TokenLimit) ? value : null,
            TurnLimit = limit == nameof(AmpOptions.TurnLimit) ? value : null,
            ToolUseLimit = limit == nameof(AmpOptions.ToolUseLimit) ? value : null,
            CancellationGracePeriod = FakeRun.HangLimit,
        };
        RunOutcome outcome = await run.RunAsync();
        AmpBudgetException error = outcome.Failed<AmpBudgetException>(AmpErrorId.BudgetReached);
        Assert.Equal((limit, (decimal?)value), (error.LimitName, error.Limit));
        Assert.True(error.Used >= value);
        Assert.Equal(outcome.Messages[0].SessionId, error.ThreadId);
        Assert.Contains("the run has used", error.Message, StringComparison.Ordinal);
        Assert.Equal($"Continue thread {error.ThreadId} with a larger limit.", error.RecommendedAction);
        Assert.Equal(ResultOutcome.BudgetReached, outcome.Result!.Outcome);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task The_last_tool_use_that_is_allowed_is_carried_out_and_answered()
    {
        using FakeRun run = new(new FakeCliScript().Init().Out(BudgetLines.Call).Out(FakeMessages.ToolResult("a")).Assistant("done").Result("done"));
        run.Options = run.Options with { ToolUseLimit = 1 };
        (await run.RunAsync()).Succeeded("done");
    }

    [Fact]
    public async Task Near_a_limit_there_is_one_warning()
    {
        using FakeRun run = new(new FakeCliScript().Init().Repeat(8, step => step.Out(BudgetLines.Call)).Assistant("done").Result("done"));
        run.Options = run.Options with { TurnLimit = 10, TokenLimit = 10_000 };
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal("The run has used 80 % of its turn limit: 8 of 10.", Assert.Single(outcome.Texts(AmpEventKind.Warning)));
    }

    [Fact]
    public async Task Work_that_is_finished_at_the_limit_is_a_success_with_a_warning()
    {
        using FakeRun run = new(new FakeCliScript().Init().Assistant("done").Result("done"));
        run.Options = run.Options with { TokenLimit = 20 };
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal(ResultOutcome.Succeeded, outcome.Result!.Outcome);
        Assert.Equal("The token limit of 20 is reached: the run has used 30 tokens.", Assert.Single(outcome.Texts(AmpEventKind.Warning)));
    }

    [Fact]
    public async Task Usage_that_is_not_told_counts_as_reached()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Out(BudgetLines.CallWithoutUsage).Hang());
        run.Options = run.Options with { TokenLimit = 1000 };
        AmpBudgetException error = (await run.RunAsync()).Failed<AmpBudgetException>(AmpErrorId.BudgetReached);
        Assert.Null(error.LimitName);
        Assert.Contains("did not report the tokens", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(AmpOptions.AllowUnknownUsage), error.RecommendedAction, StringComparison.Ordinal);
        run.NothingIsLeft();
    }

    [Theory]
    [InlineData(1000L, true)]
    [InlineData(null, false)]
    public async Task Usage_that_is_not_told_does_not_matter_where_it_is_allowed_or_not_limited(long? tokenLimit, bool isAllowed)
    {
        using FakeRun run = new(new FakeCliScript().Init().Out(BudgetLines.CallWithoutUsage).Assistant("done").Result("done"));
        run.Options = run.Options with { TokenLimit = tokenLimit, TurnLimit = 10, AllowUnknownUsage = isAllowed };
        (await run.RunAsync()).Succeeded("done");
    }

    [Fact]
    public async Task An_answer_in_several_messages_counts_once_and_a_subagent_takes_no_turn()
    {
        using FakeRun run = new(new FakeCliScript().Init()
            .Out(BudgetLines.Part("m1", 5)).Out(BudgetLines.Part("m1", 20)).Out(BudgetLines.Part("m2", 20, parent: "toolu_1")).Assistant("done").Result("done"));
        AmpBudget budget = new(tokenLimit: 10_000);
        run.Options = run.Options with { Budget = budget };
        (await run.RunAsync()).Succeeded("done");
        Assert.Equal((90, 2, 0), (budget.TokensUsed, budget.TurnsUsed, budget.ToolUsesUsed));
        Assert.Equal((9910L, null, false), (budget.TokensLeft, budget.TurnsLeft, budget.IsReached));
    }

    [Fact]
    public async Task With_a_budget_that_is_reached_nothing_is_started()
    {
        using FakeRun run = new(new FakeCliScript().Init().Assistant("done").Result("done"));
        AmpBudget budget = new(turnLimit: 1);
        run.Options = run.Options with { Budget = budget };
        RunPlan plan = await run.PlanAsync();
        (await run.RunAsync()).Succeeded("done");
        int starts = FakeCliRecord.ReadAll(run.Log).Count;

        AmpBudgetException error = (await run.RunAsync()).Failed<AmpBudgetException>(AmpErrorId.BudgetReached);
        Assert.Equal("The turn limit of 1 of the budget is reached: 1 turn used. Nothing was started.", error.Message);
        Assert.Equal("Give another budget, or reset this one.", error.RecommendedAction);
        await Assert.ThrowsAsync<AmpBudgetException>(async () =>
        {
            await foreach (AmpEvent _ in AmpClient.StreamAsync(plan, TestContext.Current.CancellationToken))
            {
            }
        });
        Assert.Equal(starts, FakeCliRecord.ReadAll(run.Log).Count);

        budget.Reset();
        (await run.RunAsync()).Succeeded("done");
    }

    [Fact]
    public async Task The_next_message_of_a_conversation_is_not_given_when_the_limit_is_reached()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Turns());
        run.Options = run.Options with { TurnLimit = 1 };
        List<StreamMessage> messages = [];
        AmpBudgetException error = await Assert.ThrowsAsync<AmpBudgetException>(async () =>
        {
            await foreach (StreamMessage message in AmpClient.ExecuteAsync(SayAsync("one", "two"), run.Options, TestContext.Current.CancellationToken))
            {
                messages.Add(message);
            }
        });
        Assert.Contains("The next message was not sent", error.Message, StringComparison.Ordinal);
        Assert.Equal(messages[0].SessionId, error.ThreadId);
        Assert.Equal("Echo: one", Assert.Single(messages.OfType<AssistantMessage>()).Text);
        Assert.DoesNotContain(messages.OfType<ResultMessage>(), result => result.Outcome == ResultOutcome.Succeeded);
        run.NothingIsLeft();
    }

    [Theory]
    [InlineData(nameof(AmpOptions.TokenLimit))]
    [InlineData(nameof(AmpOptions.TurnLimit))]
    [InlineData(nameof(AmpOptions.ToolUseLimit))]
    [InlineData(nameof(AmpOptions.CostLimit))]
    public async Task A_limit_of_zero_or_less_is_refused(string name)
    {
        using FakeRun run = new();
        foreach (int value in (int[])[0, -1])
        {
            run.Options = run.Options with
            {
                TokenLimit = name == nameof(AmpOptions.TokenLimit) ? value : null,
                TurnLimit = name == nameof(AmpOptions.TurnLimit) ? value : null,
                ToolUseLimit = name == nameof(AmpOptions.ToolUseLimit) ? value : null,
                CostLimit = name == nameof(AmpOptions.CostLimit) ? value : null,
            };
            Assert.Equal(name, (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption).OptionName);
        }
    }

    [Fact]
    public async Task A_limit_of_cost_is_refused_where_the_CLI_is_known_to_tell_none()
    {
        using FakeRun run = new(new FakeCliScript().Init().Assistant("done").Result("done"));
        run.Options = run.Options with { CostLimit = 5 };
        Assert.Equal(nameof(AmpOptions.CostLimit), (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.UnsupportedByCli).OptionName);

        run.Options = run.Options with { AllowUnknownUsage = true };
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Contains("the cost limit is not applied", Assert.Single(outcome.Texts(AmpEventKind.Warning)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""","total_cost_usd":1.25""", "1.25", false)]
    [InlineData(""","total_cost_usd":2.5""", "2.5", true)]
    [InlineData(""","total_cost_usd":-1""", "0", true)]
    [InlineData("", "0", true)]
    public async Task Where_a_later_CLI_tells_the_cost_it_counts_and_otherwise_it_is_unknown(string field, string used, bool isReached)
    {
        using FakeRun run = new(new FakeCliScript().Version("0.0.1990000000-g000001").Init().Assistant("done")
            .Out(FakeMessages.Result("done")[..^1] + field + "}"));
        AmpBudget budget = new(costLimit: 2);
        run.Options = run.Options with { Budget = budget };
        (await run.RunAsync()).Succeeded("done");
        Assert.Equal((decimal.Parse(used, System.Globalization.CultureInfo.InvariantCulture), isReached), (budget.CostUsed, budget.IsReached));
    }

    private static async IAsyncEnumerable<UserInputMessage> SayAsync(params string[] texts)
    {
        foreach (string text in texts)
        {
            yield return new UserInputMessage(text);
            await Task.Yield();
        }
    }
}
