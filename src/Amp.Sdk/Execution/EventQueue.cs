namespace Amp.Execution;

/// <summary>
/// The events that a run's consumer has not read yet, limited in number and in bytes: lines can be huge, and a slow consumer slows the CLI
/// down instead of filling the memory. It supports several writers and one reader.
/// </summary>
/// <remarks>
/// Not a <see cref="System.Threading.Channels.Channel{T}"/>, which wakes a waiting writer for every item that is read, so that two threads
/// alternate for every message of a long output. This queue reads many items at once, and wakes the writer when half of it is free.
/// </remarks>
internal sealed class EventQueue
{
    /// <summary>
    /// Large enough that the CLI and the consumer do not wait for each other for every message, and not larger, because the garbage
    /// collector copies items that wait long.
    /// </summary>
    public const int Capacity = 1024;

    /// <summary>When this number of bytes is reached, no large item is accepted. A single line can exceed it.</summary>
    public const long ByteLimit = 16 * 1024 * 1024;

    // The number of events that the reader takes at once, so that it does not meet the writer for every message.
    private const int MostTaken = 256;
    private const long MostBytesTaken = 1024 * 1024;

    // Warnings and decisions never wait for room after large lines.
    private const int SmallBytes = 4096;

    private readonly Queue<(AmpEvent Event, long Bytes)> _events = new(Capacity);
    private readonly Queue<AmpEvent> _taken = new(MostTaken);
    private TaskCompletionSource<bool>? _arrived;
    private long _bytes;
    private bool _isComplete;

    /// <summary>Adds an event. Returns false if there is no room, or if the queue is complete.</summary>
    public bool TryWrite(in AmpEvent item) => Write([item]) == 1;

    /// <summary>Adds as many events as possible, in order, and returns their number.</summary>
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

    /// <summary>Adds one of the few last events of a run, which require no room. Returns false if the queue is complete.</summary>
    public bool WriteLast(in AmpEvent item)
    {
        lock (_events)
        {
            if (_isComplete)
            {
                return false;
            }

            Add(item, item.HeldBytes);
            TellReader(true);
            return true;
        }
    }

    /// <summary>Blocks this thread until half of the queue is free. Returns false if the queue is complete.</summary>
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

    /// <summary>Completes the queue: no more events are accepted, and the remaining ones can still be read.</summary>
    public void Complete()
    {
        lock (_events)
        {
            _isComplete = true;
            TellReader(_events.Count > 0);
            Monitor.PulseAll(_events);
        }
    }

    /// <summary>Waits until there is something to read. Returns false if nothing more will arrive. Only for the single reader.</summary>
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

            // The thread that gives the signal must not run the code of the waiting thread.
            _arrived ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask<bool>(_arrived.Task);
        }
    }

    /// <summary>Reads the next event, if there is one. Only for the single reader.</summary>
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
