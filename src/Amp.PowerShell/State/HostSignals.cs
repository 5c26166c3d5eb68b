using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Amp.PowerShell.State;

/// <summary>
/// Ends the runs of a host that gets a signal to exit: from a service manager or container (SIGTERM), or because its terminal is closed
/// (SIGHUP). On .NET 10, such a host exits at once, without finally blocks and exit event, and its agents would continue alone.
/// </summary>
internal static class HostSignals
{
    // The maximum time for a run to end, which is less than the time that service managers wait before they kill.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private static readonly ConcurrentDictionary<Watch, bool> s_watches = new();

    /// <summary>Until the returned object is disposed, a signal stops the run, and the host exits when the run has ended.</summary>
    public static IDisposable StopOnSignal(Action stop) => new Watch(stop);

    // The signal is not canceled, so the host handles it after this.
    private static void Stop(PosixSignalContext context)
    {
        Watch[] running = [.. s_watches.Keys];
        foreach (Watch watch in running)
        {
            watch.Stop();
        }

        Task.WhenAll(running.Select(watch => watch.Ended)).Wait(s_limit);
    }

    private sealed class Watch : IDisposable
    {
        private readonly Action _stop;
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly PosixSignalRegistration _terminate;
        private readonly PosixSignalRegistration _hangUp;

        public Watch(Action stop)
        {
            _stop = stop;
            s_watches.TryAdd(this, true);
            _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, HostSignals.Stop);
            _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, HostSignals.Stop);
        }

        public Task Ended => _ended.Task;

        public void Stop() => _stop();

        public void Dispose()
        {
            s_watches.TryRemove(this, out _);
            _ended.TrySetResult();
            _terminate.Dispose();
            _hangUp.Dispose();
        }
    }
}
