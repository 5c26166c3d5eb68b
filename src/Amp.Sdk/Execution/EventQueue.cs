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
    /// <summary>
    /// Enough to keep the CLI and the consumer from waiting for each other over every message, and no more: what waits here long is
    /// copied by the garbage collector.
    /// </summary>
    public const int Capacity = 1024;

    /// <summary>From this many bytes on nothing large is taken in; one line may go beyond it.</summary>
    public const long ByteLimit = 16 * 1024 * 1024;

    // What the reader takes at once, so that it and the writer do not meet over every message.
    private const int MostTaken = 256;
    private const long MostBytesTaken = 1024 * 1024;

    // Warnings and decisions never wait for room behind large lines.
    private const int SmallBytes = 4096;

    private readonly Queue<(AmpEvent Event, long Bytes)> _events = new(Capacity);
    private readonly Queue<AmpEvent> _taken = new(MostTaken);
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

                Add(item, bytes);
                written++;
            }

            if (written > 0)
            {
                TellReader(true);
            }

            return written;
        }
    }

    /// <summary>Puts in one of the few events that a run ends with, which need no room.</summary>
    public void WriteLast(in AmpEvent item)
    {
        lock (_events)
        {
            if (!_isComplete)
            {
                Add(item, item.HeldBytes);
                TellReader(true);
            }
        }
    }

    /// <summary>Keeps this thread until half of it is free; false where nothing is taken in any more.</summary>
    public bool WaitForRoom()
    {
        lock (_events)
        {
            while (!_isComplete && !IsHalfFree)
            {
                Monitor.Wait(_events);
            }

            return !_isComplete;
        }
    }

    /// <summary>From now on nothing is taken in; what is in it can still be read.</summary>
    public void Complete()
    {
        lock (_events)
        {
            _isComplete = true;
            TellReader(_events.Count > 0);
            Monitor.PulseAll(_events);
        }
    }

    /// <summary>Waits until there is something to read; false where nothing will come any more. For the one reader alone.</summary>
    public ValueTask<bool> WaitToReadAsync()
    {
        if (_taken.Count > 0)
        {
            return ValueTask.FromResult(true);
        }

        lock (_events)
        {
            if (_events.Count > 0 || _isComplete)
            {
                return ValueTask.FromResult(_events.Count > 0);
            }

            // Whoever gives the signal must not run the code of who waits for it.
            _arrived ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask<bool>(_arrived.Task);
        }
    }

    /// <summary>Takes the next event, if there is one. For the one reader alone.</summary>
    public bool TryRead(out AmpEvent item)
    {
        if (_taken.Count == 0)
        {
            TakeSome();
        }

        return _taken.TryDequeue(out item);
    }

    private bool IsHalfFree => _events.Count <= Capacity / 2 && _bytes <= ByteLimit / 2;

    private void TakeSome()
    {
        lock (_events)
        {
            long bytes = 0;
            while (_taken.Count < MostTaken && bytes < MostBytesTaken && _events.TryDequeue(out (AmpEvent Event, long Bytes) first))
            {
                _taken.Enqueue(first.Event);
                bytes += first.Bytes;
            }

            _bytes -= bytes;
            if (IsHalfFree)
            {
                Monitor.PulseAll(_events);
            }
        }
    }

    private void Add(in AmpEvent item, long bytes)
    {
        _events.Enqueue((item, bytes));
        _bytes += bytes;
    }

    private void TellReader(bool hasEvents)
    {
        _arrived?.TrySetResult(hasEvents);
        _arrived = null;
    }
}
