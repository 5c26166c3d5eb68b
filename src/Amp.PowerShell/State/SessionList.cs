using System.Collections.Concurrent;

namespace Amp.PowerShell.State;

/// <summary>The sessions that were created in a runspace and not removed, with which they end.</summary>
internal sealed class SessionList
{
    private readonly ConcurrentDictionary<AmpSession, IDisposable> _sessions = new();
    private readonly BackgroundWork _work;

    /// <summary>Creates a list.</summary>
    /// <param name="work">What ends with the runspace.</param>
    public SessionList(BackgroundWork work) => _work = work;

    /// <summary>The sessions, in the order of their creation.</summary>
    public IEnumerable<AmpSession> All => _sessions.Keys.OrderBy(session => session.Id);

    public void Add(AmpSession session) => _sessions.TryAdd(session, _work.Add(async () =>
    {
        await session.DisposeAsync().ConfigureAwait(false);
        Remove(session);
    }));

    public void Remove(AmpSession session)
    {
        if (_sessions.TryRemove(session, out IDisposable? owned))
        {
            owned.Dispose();
        }
    }
}
