using System.Collections.Concurrent;

namespace Amp.Sessions;

/// <summary>Ends the remaining sessions when this process exits.</summary>
internal static class SessionExit
{
    // The maximum time for a process to exit, including two seconds of grace period.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private static readonly ConcurrentDictionary<AmpSession, bool> s_open = CreateRegister();

    public static void Watch(AmpSession session) => s_open.TryAdd(session, true);

    public static void Forget(AmpSession session) => s_open.TryRemove(session, out _);

    private static ConcurrentDictionary<AmpSession, bool> CreateRegister()
    {
        ConcurrentDictionary<AmpSession, bool> open = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            Task.WaitAll([.. open.Keys.Select(session => session.DisposeAsync().AsTask())], s_limit);
        return open;
    }
}
