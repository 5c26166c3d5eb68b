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

    private static readonly object s_lock = new();
    private static readonly HashSet<Watch> s_watches = [];

    // .NET calls one registration after the other, so there is one for all runs: with one for each, each would wait for the slowest run.
    private static PosixSignalRegistration? s_terminate;
    private static PosixSignalRegistration? s_hangUp;

    /// <summary>Until the returned object is disposed, a signal stops the run, and the host exits when the run has ended.</summary>
    public static IDisposable StopOnSignal(Action stop)
    {
        lock (s_lock)
        {
            s_terminate ??= PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            s_hangUp ??= PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
            Watch watch = new(stop);
            s_watches.Add(watch);
            return watch;
        }
    }

    // The signal is not canceled, so the host handles it after this.
    private static void Stop(PosixSignalContext context)
    {
        Watch[] running;
        lock (s_lock)
        {
            running = [.. s_watches];
        }

        foreach (Watch watch in running)
        {
            watch.Stop();
        }

        Task.WhenAll(running.Select(watch => watch.Ended)).Wait(s_limit);
    }

    private static void Remove(Watch watch)
    {
        lock (s_lock)
        {
            if (s_watches.Remove(watch) && s_watches.Count == 0)
            {
                s_terminate?.Dispose();
                s_hangUp?.Dispose();
                s_terminate = s_hangUp = null;
            }
        }
    }

    private sealed class Watch(Action stop) : IDisposable
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public void Stop() => stop();

        public void Dispose()
        {
            Remove(this);
            _ended.TrySetResult();
        }
    }
}
