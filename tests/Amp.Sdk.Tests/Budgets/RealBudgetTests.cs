using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Budgets;

/// <summary>Budgets on the real CLIs.</summary>
public sealed class RealBudgetTests
{
    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_run_is_counted_and_one_that_reaches_a_limit_can_go_on(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        AmpBudget budget = new(tokenLimit: 1_000_000, turnLimit: 100, toolUseLimit: 100);
        run.Options = run.Options with { Permissions = [run.Rule(PermissionAction.Allow)], Budget = budget };
        ResultMessage result = await run.ResultAsync(run.Command("echo one"));
        TokenUsage usage = result.Usage!;
        Assert.Equal(
            (usage.InputTokens + usage.OutputTokens + usage.CacheCreationInputTokens + usage.CacheReadInputTokens, 2, 1, false),
            (budget.TokensUsed, budget.TurnsUsed, budget.ToolUsesUsed, budget.HasUnknownUsage));

        AmpOptions open = run.Options;
        // The last result of a real CLI takes its time on a busy machine.
        run.Options = open with { TurnLimit = 1, CancellationGracePeriod = TimeSpan.FromSeconds(30) };
        RunOutcome outcome = await run.RunAsync(run.Command("sleep 30"));
        AmpBudgetException error = outcome.Failed<AmpBudgetException>(AmpErrorId.BudgetReached);
        Assert.NotNull(error.ThreadId);
        Assert.Equal(ResultOutcome.BudgetReached, outcome.Result!.Outcome);

        run.Options = open with { ThreadId = error.ThreadId };
        Assert.Equal(error.ThreadId, (await run.ResultAsync("Go on")).SessionId);
    }
}
