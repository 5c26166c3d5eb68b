using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;

namespace Amp.PowerShell.State;

/// <summary>
/// The sessions that were created in a runspace and not removed. They end with it: when the runspace closes, when the module is removed
/// from it, and when the host gets a signal to exit. The SDK ends those of a host that exits normally.
/// </summary>
internal sealed class SessionList
{
    // The maximum time for a CLI to exit, which is less than the time that service managers wait before they kill.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<AmpSession, IDisposable> _signals = new();
    private readonly Runspace? _runspace;

    /// <summary>Creates the list of a runspace; null if there is no runspace to end with.</summary>
    public SessionList(Runspace? runspace)
    {
        _runspace = runspace;
        if (runspace is not null)
        {
            runspace.StateChanged += OnStateChanged;
        }
    }

    /// <summary>The sessions, in the order of their creation.</summary>
    public IEnumerable<AmpSession> All => _signals.Keys.OrderBy(session => session.Id);

    public void Add(AmpSession session) => _signals.TryAdd(session, HostSignals.StopOnSignal(() => _ = EndAsync(session)));

    public void Remove(AmpSession session)
    {
        if (_signals.TryRemove(session, out IDisposable? signals))
        {
            signals.Dispose();
        }
    }

    /// <summary>Ends all sessions at the same time and returns when their processes have exited.</summary>
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
