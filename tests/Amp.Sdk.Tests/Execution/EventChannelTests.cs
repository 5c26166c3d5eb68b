using Amp.Execution;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

/// <summary>What a run holds for a consumer that is slow.</summary>
public sealed class EventChannelTests
{
    private const int Megabyte = 1024 * 1024;

    private readonly EventChannel _channel = new();

    [Fact]
    public async Task Of_large_messages_only_a_few_are_held()
    {
        AmpEvent large = AmpEvent.FromMessage(Parsed.Line(FakeMessages.Assistant(new string('x', Megabyte), "T-1")));
        int held = 0;
        while (_channel.Writer.TryWrite(large))
        {
            held++;
        }

        Assert.InRange(held * (long)Megabyte, EventChannel.ByteLimit - Megabyte, EventChannel.ByteLimit);
        Assert.True(_channel.Writer.TryWrite(AmpEvent.FromText(AmpEventKind.Warning, "small")));

        Task waiting = _channel.Writer.WriteAsync(large, TestContext.Current.CancellationToken).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.True(_channel.Reader.TryRead(out _));
        await waiting.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void One_message_goes_through_however_large_it_is()
    {
        Assert.True(_channel.Writer.TryWrite(AmpEvent.FromText(AmpEventKind.OutputText, new string('x', (int)EventChannel.ByteLimit))));
        Assert.False(_channel.Writer.TryWrite(AmpEvent.FromText(AmpEventKind.OutputText, new string('x', Megabyte))));
    }

    [Fact]
    public void Small_messages_are_held_by_number()
    {
        AmpEvent small = AmpEvent.FromMessage(Parsed.Line(FakeMessages.Assistant("x", "T-1")));
        int held = 0;
        while (_channel.Writer.TryWrite(small))
        {
            held++;
        }

        Assert.Equal(EventChannel.Capacity, held);
    }

    [Fact]
    public async Task A_slow_consumer_holds_no_more_of_large_lines()
    {
        const int Lines = 60;
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init().Repeat(Lines, step => step.Line(Megabyte)).Mark(run.Mark("written")).Result("done"));
        int count = 0;
        await foreach (AmpEvent _ in run.EventsAsync())
        {
            if (count++ == 0)
            {
                await Task.Delay(1500, TestContext.Current.CancellationToken);
                Assert.False(File.Exists(run.Mark("written")), "The CLI could write 60 MB while nobody read.");
            }
        }

        Assert.Equal(Lines + 2, count);
    }
}
