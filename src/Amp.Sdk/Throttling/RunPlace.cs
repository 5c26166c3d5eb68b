namespace Amp.Throttling;

/// <summary>The place of a run among those that are let in, or its place in the queue. To dispose of it gives it back.</summary>
internal sealed class RunPlace : IDisposable
{
    private readonly RunGate? _gate;
    private readonly TaskCompletionSource _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isGivenBack;

    public RunPlace(RunGate? gate, RunCount? count, bool isInFleet)
    {
        _gate = gate;
        Count = count;
        IsInFleet = isInFleet;
    }

    /// <summary>The place of a run that takes none.</summary>
    public static RunPlace OfNobody { get; } = Granted();

    /// <summary>Those that it is counted with; null for a run that takes no place.</summary>
    public RunCount? Count { get; }

    public bool IsInFleet { get; }

    public bool IsGranted => _granted.Task.IsCompleted;

    /// <summary>How often the gate had been reduced when the place was granted.</summary>
    public int Reductions { get; private set; }

    /// <summary>Where it waits; the count's own.</summary>
    public LinkedListNode<RunPlace>? InQueue { get; set; }

    /// <summary>Waits for the place, which is then still to be given back.</summary>
    /// <exception cref="AmpCanceledException">The waiting was given up.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        // Not by the task's own cancellation, which is no exception of this library.
        await Task.WhenAny(_granted.Task.WaitAsync(cancellationToken)).ConfigureAwait(false);
        if (!IsGranted)
        {
            throw new AmpCanceledException(cancellationToken);
        }
    }

    /// <summary>Why the run waits, in words.</summary>
    public string Waiting() => _gate!.StateOf(this) is (int limit, int running, string others)
        ? $"The run waits until fewer than {limit} runs are active. Active now: {running}.{others}"
        : "The run waits for its turn.";

    /// <summary>Takes note of the error that the run ended with.</summary>
    /// <returns>What to tell about it; null where it is no matter of this.</returns>
    public string? NoteError(string error) =>
        _gate is not null && ServiceFaults.IdOf(error) is AmpErrorId.Throttled or AmpErrorId.Overloaded
            ? _gate.NoteThrottled(this, ServiceFaults.WaitOf(error))
            : null;

    public void Grant(int reductions)
    {
        InQueue = null;
        Reductions = reductions;
        _granted.TrySetResult();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
        {
            _gate?.Leave(this);
        }
    }

    private static RunPlace Granted()
    {
        RunPlace place = new(gate: null, count: null, isInFleet: false);
        place.Grant(0);
        return place;
    }
}
