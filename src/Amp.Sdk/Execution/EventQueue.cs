namespace Amp.Execution;

/// <summary>
/// What a run's consumer has not taken yet, bounded in number and in bytes: lines may be huge, and a consumer that is slow slows the CLI
/// down instead of filling the memory. Many may write, one reads.
/// </summary>
/// <remarks>
/// Not a <see cref="System.Threading.Channels.Channel{T}"/>: those wake a writer that waits with every item that is taken, so that two
/// threads take turns over every message of a long output. This one takes many at once, and wakes the writer when half of it is free.
/// </remarks>
internal sealed class EventQueue
{
    /// <summary>Enough to keep the CLI and the consumer from waiting for each other over every message.</summary>
    public const int Capacity = 256;

    /// <summary>From this many bytes on nothing large is taken in; one line may go beyond it.</summary>
    public const long ByteLimit = 16 * 1024 * 1024;

    // Warnings and decisions never wait for room behind large lines.
    private const int SmallBytes = 4096;

    private readonly Queue<AmpEvent> _events = new(Capacity);
    private TaskCompletionSource<bool>? _roomFreed;
    private TaskCompletionSource<bool>? _arrived;
    private long _bytes;
    private bool _isComplete;

    /// <summary>Puts an event in; false where there is no room for it, or where nothing is taken in any more.</summary>
    public bool TryWrite(in AmpEvent item) => Write([item]) == 1;

    /// <summary>Puts as many events in as there is room for, in their order, and says how many.</summary>
    public int Write(ReadOnlySpan<AmpEvent> items)
    {
        lock (_events)
        {
            int written = 0;
            foreach (ref readonly AmpEvent item in items)
            {
                long bytes = item.HeldBytes;
                if (_isComplete || _events.Count >= Capacity || (_bytes >= ByteLimit && bytes > SmallBytes))
                {
                    break;
                }

                _events.Enqueue(item);
                _bytes += bytes;
                written++;
            }

            if (written > 0)
            {
                _arrived?.TrySetResult(true);
                _arrived = null;
            }

            return written;
        }
    }

    /// <summary>Waits until half of it is free; false where nothing is taken in any more.</summary>
    public Task<bool> WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_events)
        {
            if (_isComplete || IsHalfFree)
            {
                return Task.FromResult(!_isComplete);
            }

            _roomFreed ??= NewSignal();
            return _roomFreed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>From now on nothing is taken in; what is in it can still be read.</summary>
    public void Complete()
    {
        lock (_events)
        {
            _isComplete = true;
            _arrived?.TrySetResult(_events.Count > 0);
            _arrived = null;
            _roomFreed?.TrySetResult(false);
            _roomFreed = null;
        }
    }

    /// <summary>Waits until there is something to read; false where nothing will come any more.</summary>
    public ValueTask<bool> WaitToReadAsync()
    {
        lock (_events)
        {
            if (_events.Count > 0 || _isComplete)
            {
                return ValueTask.FromResult(_events.Count > 0);
            }

            _arrived ??= NewSignal();
            return new ValueTask<bool>(_arrived.Task);
        }
    }

    /// <summary>Takes the next event, if there is one.</summary>
    public bool TryRead(out AmpEvent item)
    {
        lock (_events)
        {
            if (!_events.TryDequeue(out item))
            {
                return false;
            }

            _bytes -= item.HeldBytes;
            if (_roomFreed is not null && IsHalfFree)
            {
                _roomFreed.TrySetResult(true);
                _roomFreed = null;
            }

            return true;
        }
    }

    private bool IsHalfFree => _events.Count <= Capacity / 2 && _bytes <= ByteLimit / 2;

    // Whoever gives the signal must not run the code of who waits for it.
    private static TaskCompletionSource<bool> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
