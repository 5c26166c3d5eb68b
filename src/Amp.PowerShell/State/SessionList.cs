using System.Collections.Concurrent;

namespace Amp.PowerShell.State;

/// <summary>The sessions that were created in a runspace and not removed, with which they end.</summary>
internal sealed class SessionList
{
    private readonly ConcurrentDictionary<AmpSession, (IDisposable Owned, bool NeedsPipeline)> _sessions = new();
    private readonly BackgroundWork _work;

    /// <summary>Creates a list.</summary>
    /// <param name="work">What ends with the runspace.</param>
    public SessionList(BackgroundWork work) => _work = work;

    /// <summary>The sessions, in the order of their creation.</summary>
    public IEnumerable<AmpSession> All => _sessions.Keys.OrderBy(session => session.Id);

    /// <summary>
    /// Whether a turn is active that can end only on the pipeline thread of the runspace, or that waits for its place: whoever reads a run there may wait for it.
    /// </summary>
    public bool IsPipelineNeeded => _sessions.Any(session => session.Key.IsWaiting || (session.Value.NeedsPipeline && session.Key.State == AmpSessionState.Running));

    /// <summary>Adds a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="needsPipeline">Whether its turns require the pipeline thread, such as for a tool. All others end by themselves.</param>
    public void Add(AmpSession session, bool needsPipeline)
    {
        IDisposable owned = _work.Add(async () =>
        {
            await session.DisposeAsync().ConfigureAwait(false);
            Remove(session);
        });
        _sessions.TryAdd(session, (owned, needsPipeline));
    }

    public void Remove(AmpSession session)
    {
        if (_sessions.TryRemove(session, out (IDisposable Owned, bool NeedsPipeline) removed))
        {
            removed.Owned.Dispose();
        }
    }
}
