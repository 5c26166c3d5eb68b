using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;

namespace Amp.PowerShell.State;

/// <summary>
/// The sessions that were made in one runspace and not removed. They end with it: when it is closed, when the module is removed from
/// it, and when the host is told to end. The SDK ends those of a host that simply exits.
/// </summary>
internal sealed class SessionList
{
    // What the end of a CLI takes at most, and less than service managers wait before they kill.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<AmpSession, IDisposable> _signals = new();
    private readonly Runspace? _runspace;

    /// <summary>Makes the list of a runspace; null where there is none to end with.</summary>
    public SessionList(Runspace? runspace)
    {
        _runspace = runspace;
        if (runspace is not null)
        {
            runspace.StateChanged += OnStateChanged;
        }
    }

    /// <summary>The sessions in the order in which they were made.</summary>
    public IEnumerable<AmpSession> All => _signals.Keys.OrderBy(session => session.Id);

    public void Add(AmpSession session) => _signals.TryAdd(session, HostSignals.StopOnSignal(() => _ = EndAsync(session)));

    public void Remove(AmpSession session)
    {
        if (_signals.TryRemove(session, out IDisposable? signals))
        {
            signals.Dispose();
        }
    }

    /// <summary>Ends all of them at once and returns when their processes are gone.</summary>
    public void EndAll() => Task.WaitAll([.. _signals.Keys.Select(EndAsync)], s_limit);

    private async Task EndAsync(AmpSession session)
    {
        await session.DisposeAsync().ConfigureAwait(false);
        Remove(session);
    }

    private void OnStateChanged(object? sender, RunspaceStateEventArgs e)
    {
        if (e.RunspaceStateInfo.State is System.Management.Automation.Runspaces.RunspaceState.Closing
            or System.Management.Automation.Runspaces.RunspaceState.Closed
            or System.Management.Automation.Runspaces.RunspaceState.Broken)
        {
            _runspace!.StateChanged -= OnStateChanged;
            EndAll();
        }
    }
}
