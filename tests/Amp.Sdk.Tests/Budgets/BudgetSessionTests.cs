using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Budgets;

/// <summary>A session and its limits, which are those of all its turns.</summary>
public sealed class BudgetSessionTests
{
    [Fact]
    public async Task The_turn_that_reaches_the_limit_is_finished_and_the_next_message_is_refused()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turns());
        run.Options = run.Options with { TokenLimit = 60 };
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Echo: one", await session.AnswerAsync("one"));
        List<AmpEvent> second = [];
        await foreach (AmpEvent item in session.StreamAsync(new UserInputMessage("two"), TestContext.Current.CancellationToken))
        {
            second.Add(item);
        }

        Assert.Equal(
            "The token limit of 60 is reached: the session has used 60 tokens.",
            Assert.Single(second, item => item.Kind == AmpEventKind.Warning).Text);
        AmpBudgetException error = await Assert.ThrowsAsync<AmpBudgetException>(() => session.AllAsync("three"));
        Assert.EndsWith("The message was not sent.", error.Message, StringComparison.Ordinal);
        Assert.Equal((session.ThreadId, AmpSessionState.Ready, 2), (error.ThreadId, session.State, session.TurnCount));
        Assert.Equal("Echo: two", (await session.EndAsync(TestContext.Current.CancellationToken))?.Result);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_turn_that_is_broken_off_leaves_a_session_that_goes_on_with_more_budget()
    {
        using FakeRun run = new(new FakeCliScript()
            .OnStart(1, steps => steps.EndPolitely().Init().ReadUntil("go").Out(BudgetLines.Call).Out(BudgetLines.Call).Hang())
            .OnStart(2, steps => steps.Init().Turns()));
        AmpBudget budget = new(tokenLimit: 60);
        run.Options = run.Options with { Budget = budget, CancellationGracePeriod = FakeRun.HangLimit };
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        AmpBudgetException error = await Assert.ThrowsAsync<AmpBudgetException>(() => session.AllAsync("go"));
        Assert.Equal((nameof(AmpOptions.TokenLimit), session.ThreadId), (error.LimitName, error.ThreadId));
        Assert.Equal((AmpSessionState.Ready, null), (session.State, session.ProcessId));
        Assert.Equal(ResultOutcome.BudgetReached, session.Result!.Outcome);
        await Assert.ThrowsAsync<AmpBudgetException>(() => session.AllAsync("again"));
        budget.Reset();
        Assert.Equal("Echo: again", await session.AnswerAsync("again"));
    }
}
