namespace Amp.PowerShell.State;

/// <summary>What answers the runs of a runspace: the replays that were begun and have not ended, and under them real runs.</summary>
internal sealed class ReplayStack
{
    private readonly List<ReplayFrame> _frames = [new ReplayFrame(null, isBlock: false)];

    /// <summary>What answers runs now.</summary>
    public ReplayFrame Active => _frames[^1];

    /// <summary>Lets a replay answer runs.</summary>
    public ReplayFrame Begin(AmpReplay replay, bool isBlock)
    {
        _frames.Add(new ReplayFrame(replay, isBlock) { LastThreadId = Active.LastThreadId });
        return Active;
    }

    /// <summary>Ends a replay that was begun without a script block.</summary>
    /// <param name="replay">The replay; null for the one that was begun last.</param>
    /// <returns>The replay that has ended; null if there is none.</returns>
    public AmpReplay? Stop(AmpReplay? replay)
    {
        int place = _frames.FindLastIndex(frame => frame is { IsBlock: false, Replay: not null } && (replay is null || ReferenceEquals(frame.Replay, replay)));
        if (place < 0)
        {
            return null;
        }

        AmpReplay? stopped = _frames[place].Replay;
        _frames.RemoveAt(place);
        return stopped;
    }

    /// <summary>Ends the replay of a script block, and what the script has begun and not ended. What the script has ended stays so.</summary>
    public void End(ReplayFrame block) => Take(block);

    /// <summary>Does work outside of a script block: what gets the output of the block is not in it.</summary>
    public void Outside(ReplayFrame block, Action work)
    {
        IReadOnlyList<ReplayFrame> inside = Take(block);
        try
        {
            work();
        }
        finally
        {
            _frames.AddRange(inside);
        }
    }

    private List<ReplayFrame> Take(ReplayFrame block)
    {
        int place = _frames.IndexOf(block);
        List<ReplayFrame> taken = _frames[place..];
        _frames.RemoveRange(place, taken.Count);
        return taken;
    }
}
