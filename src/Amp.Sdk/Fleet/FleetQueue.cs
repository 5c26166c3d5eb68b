using Amp.Execution;

namespace Amp.Fleet;

/// <summary>
/// What the consumer of a fleet has not taken yet. It holds little, since the queue of each run holds as much as a run may hold: when it is full,
/// the runs wait, and then their CLIs. Many may write, without keeping a thread; one reads.
/// </summary>
internal sealed class FleetQueue
{
    /// <summary>How many events wait here at most.</summary>
    public const int Capacity = 256;

    private readonly Queue<FleetEvent> _events = new(Capacity);
    private TaskCompletionSource? _arrived;
    private TaskCompletionSource? _roomFreed;
    private long _bytes;
    private bool _isComplete;
    private bool _isAbandoned;

    /// <summary>Puts an event in, when there is room for it. What nobody wants any more is dropped.</summary>
    public async ValueTask WriteAsync(FleetEvent item)
    {
        long bytes = item.HeldBytes;
        while (RoomToWaitFor(item, bytes) is Task room)
        {
            await room.ConfigureAwait(false);
        }
    }

    /// <summary>Says that nothing more comes.</summary>
    public void Complete()
    {
        lock (_events)
        {
            _isComplete = true;
            Signal(ref _arrived);
        }
    }

    /// <summary>Says that nobody reads any more: what is in it and what comes is dropped.</summary>
    public void Abandon()
    {
        lock (_events)
        {
            _isAbandoned = true;
            _events.Clear();
            Signal(ref _roomFreed);
        }
    }

    /// <summary>Waits until there is something to read; false where nothing will come any more.</summary>
    public async ValueTask<bool> WaitToReadAsync()
    {
        while (true)
        {
            Task arrived;
            lock (_events)
            {
                if (_events.Count > 0 || _isComplete)
                {
                    return _events.Count > 0;
                }

                _arrived ??= NewSignal();
                arrived = _arrived.Task;
            }

            await arrived.ConfigureAwait(false);
        }
    }

    /// <summary>Takes the next event, if there is one.</summary>
    public bool TryRead(out FleetEvent item)
    {
        lock (_events)
        {
            if (!_events.TryDequeue(out item))
            {
                return false;
            }

            _bytes -= item.HeldBytes;

            // Not with each event: whoever waits would be woken for one alone.
            if (_events.Count <= Capacity / 2 && _bytes <= EventQueue.ByteLimit / 2)
            {
                Signal(ref _roomFreed);
            }

            return true;
        }
    }

    private Task? RoomToWaitFor(in FleetEvent item, long bytes)
    {
        lock (_events)
        {
            if (_isAbandoned)
            {
                return null;
            }

            if (_events.Count >= Capacity || _bytes >= EventQueue.ByteLimit)
            {
                _roomFreed ??= NewSignal();
                return _roomFreed.Task;
            }

            _events.Enqueue(item);
            _bytes += bytes;
            Signal(ref _arrived);
            return null;
        }
    }

    // Whoever completes the signal must not run the waiter's code.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Signal(ref TaskCompletionSource? signal)
    {
        signal?.TrySetResult();
        signal = null;
    }
}
