using System.Diagnostics;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ends;

public sealed class CancellationTests
{
    [Fact]
    public async Task A_polite_CLI_tells_its_last_result_before_the_run_is_cancelled()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Assistant("working").Hang());
        run.Options = run.Options with { CancellationGracePeriod = FakeRun.HangLimit };
        using CancellationTokenSource cancel = new();
        List<StreamMessage> messages = [];
        AmpCanceledException error = await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (StreamMessage message in AmpClient.ExecuteAsync("hi", run.Options, cancel.Token))
            {
                messages.Add(message);
                if (message is AssistantMessage)
                {
                    await cancel.CancelAsync();
                }
            }
        });
        Assert.Equal((AmpErrorId.Canceled, messages[0].SessionId), (error.ErrorId, error.ThreadId));
        Assert.Equal(cancel.Token, error.CancellationToken);
        Assert.IsAssignableFrom<OperationCanceledException>(error);
        ErrorResultMessage last = Assert.IsType<ErrorResultMessage>(messages[^1]);
        Assert.Contains("cancelled", last.Error, StringComparison.OrdinalIgnoreCase);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task Of_a_stubborn_CLI_and_all_it_started_nothing_is_left_and_it_does_not_take_long()
    {
        FakeCliScript script = new FakeCliScript().IgnoreSignals("INT", "TERM", "HUP", "QUIT");
        string[] kinds = ["child", "quiet", "stubborn", "doublefork", "doublefork-quiet", "setsid", "setsid-quiet"];
        foreach (string kind in kinds)
        {
            script.SpawnChild(kind, kind);
        }

        using FakeRun run = new(script.Init().Hang());
        run.Options = run.Options with { CancellationGracePeriod = TimeSpan.FromMilliseconds(200) };
        using CancellationTokenSource cancel = new();
        TimeSpan? ending = null;
        await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            Stopwatch watch = new();
            try
            {
                await foreach (StreamMessage _ in AmpClient.ExecuteAsync("hi", run.Options, cancel.Token))
                {
                    watch.Start();
                    await cancel.CancelAsync();
                }
            }
            finally
            {
                ending = watch.Elapsed;
            }
        });
        run.NothingIsLeft();
        Assert.Equal(kinds, run.Record.Children.Select(child => child.Kind));

        // It was asked and given its time before it was killed.
        Assert.InRange(ending!.Value, TimeSpan.FromMilliseconds(190), FakeRun.HangLimit);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_before_its_start_starts_nothing()
    {
        using FakeRun run = new(new FakeCliScript().Version("0.0.1774310664-gcb98ac"));
        RunOutcome outcome = await run.RunUntilAsync(new CancellationToken(canceled: true));
        outcome.Canceled();
        Assert.Empty(FakeCliRecord.ReadAll(run.Log));
    }

    [Fact]
    public async Task A_known_CLI_is_not_started_either()
    {
        using FakeRun run = new(new FakeCliScript().Echo());
        RunPlan plan = await run.PlanAsync();
        AmpCanceledException error = await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (AmpEvent _ in AmpClient.StreamAsync(plan, new CancellationToken(canceled: true)))
            {
            }
        });
        Assert.Null(error.ThreadId);
        Assert.DoesNotContain(FakeCliRecord.ReadAll(run.Log), record => record.Kind == "Run");
    }

    [Fact]
    public async Task Asking_the_CLI_what_it_is_can_be_cancelled()
    {
        using FakeRun run = new(new FakeCliScript().HangOn("version", "help"));
        using CancellationTokenSource cancel = new();
        Task<RunOutcome> running = run.RunUntilAsync(cancel.Token);
        await FakeRun.WaitForAsync(() => FakeCliRecord.ReadAll(run.Log).Count == 2, "the two questions");
        await cancel.CancelAsync();
        (await running).Canceled();
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_CLI_that_does_not_read_its_prompt_can_be_cancelled()
    {
        using FakeRun run = new(new FakeCliScript().IgnoreSignals("INT", "TERM").Init().Hang());
        run.Options = run.Options with { CancellationGracePeriod = TimeSpan.FromMilliseconds(50) };
        using CancellationTokenSource cancel = new();
        Task<RunOutcome> running = run.RunUntilAsync(cancel.Token, new string('p', 5 * 1024 * 1024));
        await FakeRun.WaitForAsync(() => FakeCliRecord.ReadAll(run.Log).Any(record => record.Kind == "Run"), "the run");
        await cancel.CancelAsync();
        (await running).Canceled();
        run.NothingIsLeft();
    }

    [Fact]
    public async Task Cancelling_again_while_the_CLI_is_asked_to_end_changes_nothing()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().OnSignal("INT", steps => steps.Mark(run.Mark("asked")).Sleep(300).ErrorResult("stopped").Exit(0)).Init().Hang());
        run.Options = run.Options with { CancellationGracePeriod = FakeRun.HangLimit };
        using CancellationTokenSource cancel = new();
        await using IAsyncEnumerator<StreamMessage> messages =
            AmpClient.ExecuteAsync("hi", run.Options, cancel.Token).GetAsyncEnumerator(CancellationToken.None);
        Assert.True(await messages.MoveNextAsync());
        await cancel.CancelAsync();
        await run.MarkIsSetAsync("asked");
        await cancel.CancelAsync();
        Assert.True(await messages.MoveNextAsync());
        Assert.Equal("stopped", Assert.IsType<ErrorResultMessage>(messages.Current).Error);
        await Assert.ThrowsAsync<AmpCanceledException>(async () => await messages.MoveNextAsync());
        run.NothingIsLeft();
    }
}
