using Amp.Execution;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ends;

/// <summary>What happens when the consumer leaves, or takes its time.</summary>
public sealed class ConsumerTests
{
    private static readonly string[] s_kinds =
        ["child", "quiet", "stubborn", "doublefork", "doublefork-quiet", "setsid", "setsid-quiet"];

    [Fact]
    public async Task A_consumer_that_breaks_after_the_first_message_leaves_nothing_running()
    {
        using FakeRun run = new(Chatty());
        await foreach (StreamMessage message in run.ExecuteAsync())
        {
            Assert.IsType<SystemMessage>(message);
            break;
        }

        run.NothingIsLeft();
        Assert.Equal(s_kinds.Length, run.Record.Children.Count);
    }

    [Fact]
    public async Task A_consumer_that_throws_gets_its_own_exception_and_leaves_nothing_running()
    {
        using FakeRun run = new(Chatty());
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () =>
        {
            await foreach (StreamMessage message in run.ExecuteAsync())
            {
                throw new InvalidTimeZoneException(message.Type);
            }
        });
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_consumer_that_breaks_lets_a_polite_CLI_end_by_itself()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().OnSignal("INT", steps => steps.Mark(run.Mark("asked")).Exit(0)).Init().Hang());
        run.Options = run.Options with { CancellationGracePeriod = FakeRun.HangLimit };
        await foreach (StreamMessage _ in run.ExecuteAsync())
        {
            break;
        }

        Assert.True(File.Exists(run.Mark("asked")));
        run.NothingIsLeft();
    }

    [Fact]
    public async Task Disposing_twice_is_the_same_as_once()
    {
        using FakeRun run = new(Chatty());
        IAsyncEnumerator<StreamMessage> messages = run.Enumerator();
        Assert.True(await messages.MoveNextAsync());
        await messages.DisposeAsync();
        await messages.DisposeAsync();
        run.NothingIsLeft();
        Assert.False(await messages.MoveNextAsync());
    }

    [Fact]
    public async Task A_stream_that_was_never_begun_starts_nothing()
    {
        using FakeRun run = new(Chatty());
        IAsyncEnumerator<StreamMessage> messages = run.Enumerator();
        await messages.DisposeAsync();
        Assert.Empty(FakeCliRecord.ReadAll(run.Log));
    }

    [Fact]
    public async Task A_slow_consumer_slows_the_CLI_down_and_loses_nothing()
    {
        const int Lines = 3000;
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init().Repeat(Lines, step => step.Line(10_000)).Mark(run.Mark("written")).Result("done"));
        RunClock? clock = null;
        int count = 0;
        await foreach (AmpEvent item in run.EventsAsync(started => clock = started))
        {
            if (count++ == 0)
            {
                await FakeRun.WaitForAsync(() => clock!.IsHeld, "the CLI that waits for its consumer");
                Assert.False(File.Exists(run.Mark("written")), "The CLI could write 30 MB while nobody read.");
            }
        }

        Assert.Equal(Lines + 2, count);
        Assert.True(File.Exists(run.Mark("written")));
    }

    [Fact]
    public void Blocking_on_a_run_from_a_thread_that_must_not_be_blocked_does_not_lock_up()
    {
        using FakeRun run = new(new FakeCliScript().Echo());
        ResultMessage? result = null;
        Thread thread = new(() =>
        {
            // As the thread of a window has one: what is posted here waits for the very thread that waits.
            SynchronizationContext.SetSynchronizationContext(new NeverRunningContext());
            result = run.ResultAsync("hi").GetAwaiter().GetResult();
            IAsyncEnumerator<StreamMessage> messages = run.Enumerator();
            messages.MoveNextAsync().AsTask().GetAwaiter().GetResult();
            messages.DisposeAsync().AsTask().GetAwaiter().GetResult();
        });
        thread.IsBackground = true;
        thread.Start();
        Assert.True(thread.Join(FakeRun.HangLimit), "The run waits for the thread that waits for it.");
        Assert.Equal("Echo: hi", result?.Result);
    }

    private static FakeCliScript Chatty()
    {
        FakeCliScript script = new FakeCliScript().IgnoreSignals("INT", "TERM", "HUP");
        foreach (string kind in s_kinds)
        {
            script.SpawnChild(kind);
        }

        return script.Init().Repeat(100_000, step => step.Assistant("and on and on"));
    }

    private sealed class NeverRunningContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
