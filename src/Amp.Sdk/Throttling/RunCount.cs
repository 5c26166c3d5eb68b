namespace Amp.Throttling;

/// <summary>Runs that are counted together: how many of them are let in, and which of them wait. Used under the lock of the gate alone.</summary>
internal sealed class RunCount
{
    private readonly LinkedList<RunPlace> _singles = new();
    private readonly LinkedList<RunPlace> _fleets = new();
    private int _singlesInRow;

    public int Running { get; private set; }

    public int Waiting => _singles.Count + _fleets.Count;

    /// <summary>Puts a run into its queue.</summary>
    public void Add(RunPlace place) => place.InQueue = (place.IsInFleet ? _fleets : _singles).AddLast(place);

    /// <summary>Takes a place back, or takes somebody out of the queue.</summary>
    public void Remove(RunPlace place)
    {
        if (place.InQueue is LinkedListNode<RunPlace> node)
        {
            place.InQueue = null;
            node.List!.Remove(node);
        }
        else
        {
            Running--;
        }
    }

    /// <summary>Counts the next one as let in; null where nobody waits, or there is no room.</summary>
    public RunPlace? Next(int mostForSingles, int mostForFleets)
    {
        bool single = _singles.Count > 0 && Running < mostForSingles;
        bool fleet = _fleets.Count > 0 && Running < mostForFleets;
        if (single && fleet)
        {
            single = _singlesInRow < RunGate.SinglesInRow;
            _singlesInRow = single ? _singlesInRow + 1 : 0;
        }

        LinkedList<RunPlace>? queue = single ? _singles : fleet ? _fleets : null;
        if (queue?.First?.Value is not RunPlace first)
        {
            return null;
        }

        queue.RemoveFirst();
        Running++;
        return first;
    }
}

/// <summary>Who may wait for a run, from nobody of the gate's to a run that waits for it certainly.</summary>
internal enum RunOrigin
{
    /// <summary>Nobody whose run has a place.</summary>
    Caller,

    /// <summary>Whoever reads a run and has started this one beside it. It goes on by itself, so it waits for others of its kind alone.</summary>
    BesideReader,

    /// <summary>A run, of which this one is a tool's, a question's or a verification's. It takes no place, or it could wait for the run that waits for it.</summary>
    Run,
}
