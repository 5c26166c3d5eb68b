using Amp.Execution;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

/// <summary>What a run holds for a consumer that is slow.</summary>
public sealed class EventQueueTests
{
    private const int Megabyte = 1024 * 1024;

    private readonly EventQueue _queue = new();

    [Fact]
    public async Task Of_large_messages_only_a_few_are_held()
    {
        AmpEvent large = AmpEvent.FromMessage(Parsed.Line(FakeMessages.Assistant(new string('x', Megabyte), "T-1")));
        int held = 0;
        while (_queue.TryWrite(large))
        {
            held++;
        }

        Assert.InRange(held * (long)Megabyte, EventQueue.ByteLimit - Megabyte, EventQueue.ByteLimit);
        Assert.True(_queue.TryWrite(AmpEvent.FromText(AmpEventKind.Warning, "small")));

        Task waiting = Task.Run(_queue.WaitForRoom, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        for (int read = 0; read <= held / 2; read++)
        {
            Assert.True(_queue.TryRead(out _));
        }

        await waiting.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void One_message_goes_through_however_large_it_is()
    {
        Assert.True(_queue.TryWrite(AmpEvent.FromText(AmpEventKind.OutputText, new string('x', (int)EventQueue.ByteLimit))));
        Assert.False(_queue.TryWrite(AmpEvent.FromText(AmpEventKind.OutputText, new string('x', Megabyte))));
    }

    [Fact]
    public void Small_messages_are_held_by_number()
    {
        AmpEvent small = AmpEvent.FromMessage(Parsed.Line(FakeMessages.Assistant("x", "T-1")));
        int held = 0;
        while (_queue.TryWrite(small))
        {
            held++;
        }

        Assert.Equal(EventQueue.Capacity, held);
    }

    [Fact]
    public void Of_many_as_many_are_taken_as_there_is_room_for_and_in_their_order()
    {
        AmpEvent[] many = [.. Enumerable.Range(0, EventQueue.Capacity + 10).Select(i => AmpEvent.FromText(AmpEventKind.OutputText, $"{i}"))];

        Assert.Equal(EventQueue.Capacity, _queue.Write(many));
        for (int i = 0; i < EventQueue.Capacity; i++)
        {
            Assert.True(_queue.TryRead(out AmpEvent item));
            Assert.Equal($"{i}", item.Text);
        }

        Assert.False(_queue.TryRead(out _));
    }

    [Fact]
    public async Task Whoever_waits_is_told_of_what_comes_and_of_the_end()
    {
        ValueTask<bool> waiting = _queue.WaitToReadAsync();
        Assert.False(waiting.IsCompleted);
        Assert.True(_queue.TryWrite(AmpEvent.FromText(AmpEventKind.Warning, "one")));
        Assert.True(await waiting);

        _queue.Complete();
        Assert.False(_queue.TryWrite(AmpEvent.FromText(AmpEventKind.Warning, "late")));
        Assert.True(await _queue.WaitToReadAsync());
        Assert.True(_queue.TryRead(out _));
        Assert.False(await _queue.WaitToReadAsync());
    }

    [Fact]
    public void What_a_run_ends_with_needs_no_room_and_comes_last()
    {
        int held = 0;
        while (_queue.TryWrite(AmpEvent.FromText(AmpEventKind.OutputText, "x")))
        {
            held++;
        }

        _queue.WriteLast(AmpEvent.FromText(AmpEventKind.Warning, "last"));
        for (int i = 0; i < held; i++)
        {
            Assert.True(_queue.TryRead(out AmpEvent item));
            Assert.Equal("x", item.Text);
        }

        Assert.True(_queue.TryRead(out AmpEvent last));
        Assert.Equal("last", last.Text);
        _queue.Complete();
        _queue.WriteLast(AmpEvent.FromText(AmpEventKind.Warning, "too late"));
        Assert.False(_queue.TryRead(out _));
    }

    [Fact]
    public async Task A_reader_that_has_taken_some_is_not_told_of_the_end_before_it_has_read_them()
    {
        _queue.Write([AmpEvent.FromText(AmpEventKind.OutputText, "a"), AmpEvent.FromText(AmpEventKind.OutputText, "b")]);
        Assert.True(_queue.TryRead(out _));
        _queue.Complete();
        Assert.True(await _queue.WaitToReadAsync());
        Assert.True(_queue.TryRead(out AmpEvent item));
        Assert.Equal("b", item.Text);
        Assert.False(await _queue.WaitToReadAsync());
    }

    [Fact]
    public async Task A_writer_that_waits_is_let_go_at_the_end()
    {
        while (_queue.TryWrite(AmpEvent.FromText(AmpEventKind.OutputText, "x")))
        {
        }

        Task<bool> waiting = Task.Run(_queue.WaitForRoom, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        _queue.Complete();
        Assert.False(await waiting.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_slow_consumer_holds_no_more_of_large_lines()
    {
        const int Lines = 60;
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init().Repeat(Lines, step => step.Line(Megabyte)).Mark(run.Mark("written")).Result("done"));
        RunClock? clock = null;
        int count = 0;
        await foreach (AmpEvent _ in run.EventsAsync(started => clock = started))
        {
            if (count++ == 0)
            {
                await FakeRun.WaitForAsync(() => clock!.IsHeld, "the CLI that waits for its consumer");
                Assert.False(File.Exists(run.Mark("written")), "The CLI could write 60 MB while nobody read.");
            }
        }

        Assert.Equal(Lines + 2, count);
    }
}
