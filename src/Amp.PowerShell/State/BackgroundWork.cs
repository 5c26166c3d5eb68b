using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;

namespace Amp.PowerShell.State;

/// <summary>
/// What goes on by itself after a cmdlet of a runspace started it: sessions and jobs. It ends with the runspace: when that closes, when the module is
/// removed from it, when the host gets a signal to exit, and when the process exits.
/// </summary>
internal sealed class BackgroundWork
{
    // The maximum time for a CLI to exit, which is less than the time that service managers wait before they kill.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private static readonly ConcurrentDictionary<Entry, bool> s_all = CreateRegister();

    private readonly ConcurrentDictionary<Entry, bool> _entries = new();
    private readonly Runspace? _runspace;

    /// <summary>Creates the list of a runspace; null if there is no runspace to end with.</summary>
    public BackgroundWork(Runspace? runspace)
    {
        _runspace = runspace;
        if (runspace is not null)
        {
            runspace.StateChanged += OnStateChanged;
        }
    }

    /// <summary>Adds work, until the returned object is disposed of.</summary>
    /// <param name="end">Ends it. The task completes when its processes have exited.</param>
    public IDisposable Add(Func<Task> end) => new Entry(this, end);

    /// <summary>Ends all work at the same time and returns when its processes have exited.</summary>
    public void EndAll() => EndAll(_entries);

    private static void EndAll(ConcurrentDictionary<Entry, bool> entries) => Task.WaitAll([.. entries.Keys.Select(entry => entry.EndAsync())], s_limit);

    private static ConcurrentDictionary<Entry, bool> CreateRegister()
    {
        ConcurrentDictionary<Entry, bool> all = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => EndAll(all);
        return all;
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

    private sealed class Entry : IDisposable
    {
        private readonly BackgroundWork _owner;
        private readonly Func<Task> _end;
        private readonly IDisposable _signals;

        public Entry(BackgroundWork owner, Func<Task> end)
        {
            _owner = owner;
            _end = end;
            _signals = HostSignals.StopOnSignal(() => _ = EndAsync());
            owner._entries.TryAdd(this, true);
            s_all.TryAdd(this, true);
        }

        public async Task EndAsync()
        {
            await _end().ConfigureAwait(false);
            Dispose();
        }

        public void Dispose()
        {
            s_all.TryRemove(this, out _);
            _owner._entries.TryRemove(this, out _);
            _signals.Dispose();
        }
    }
}
