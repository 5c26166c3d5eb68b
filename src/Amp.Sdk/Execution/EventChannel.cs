using System.Threading.Channels;

namespace Amp.Execution;

/// <summary>
/// What a run's consumer has not taken yet, bounded in number and in bytes: lines may be huge, and a consumer that is slow slows the CLI
/// down instead of filling the memory.
/// </summary>
internal sealed class EventChannel : Channel<AmpEvent>
{
    /// <summary>Enough to keep the CLI and the consumer from waiting for each other over every message.</summary>
    public const int Capacity = 256;

    /// <summary>From this many bytes on nothing large is taken in; one line may go beyond it.</summary>
    public const long ByteLimit = 16 * 1024 * 1024;

    // Warnings and decisions never wait for room behind large lines.
    private const int SmallBytes = 4096;

    private readonly Channel<AmpEvent> _events = Channel.CreateBounded<AmpEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly object _lock = new();
    private TaskCompletionSource? _roomFreed;
    private long _bytes;

    public EventChannel()
    {
        Writer = new LimitedWriter(this);
        Reader = new CountingReader(this);
    }

    private bool TryWrite(AmpEvent item)
    {
        long bytes = item.HeldBytes;
        lock (_lock)
        {
            if ((_bytes >= ByteLimit && bytes > SmallBytes) || !_events.Writer.TryWrite(item))
            {
                return false;
            }

            _bytes += bytes;
            return true;
        }
    }

    private bool TryRead(out AmpEvent item)
    {
        lock (_lock)
        {
            if (!_events.Reader.TryRead(out item))
            {
                return false;
            }

            _bytes -= item.HeldBytes;
            if (_bytes < ByteLimit)
            {
                _roomFreed?.TrySetResult();
                _roomFreed = null;
            }

            return true;
        }
    }

    private Task? RoomToWaitFor()
    {
        lock (_lock)
        {
            return _bytes < ByteLimit
                ? null
                : (_roomFreed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private sealed class LimitedWriter(EventChannel owner) : ChannelWriter<AmpEvent>
    {
        public override bool TryWrite(AmpEvent item) => owner.TryWrite(item);

        public override bool TryComplete(Exception? error = null) => owner._events.Writer.TryComplete(error);

        public override async ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
        {
            while (owner.RoomToWaitFor() is Task room)
            {
                await room.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            return await owner._events.Writer.WaitToWriteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed class CountingReader(EventChannel owner) : ChannelReader<AmpEvent>
    {
        public override Task Completion => owner._events.Reader.Completion;

        public override bool TryRead(out AmpEvent item) => owner.TryRead(out item);

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
            owner._events.Reader.WaitToReadAsync(cancellationToken);
    }
}
