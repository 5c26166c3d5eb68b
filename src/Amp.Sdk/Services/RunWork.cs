using System.Diagnostics;

namespace Amp.Services;

/// <summary>
/// What a service does for the CLI, and when it last did: while the CLI waits for this side, it is not silent by itself.
/// </summary>
internal sealed class RunWork
{
    private long _lastEnded;
    private int _count;

    /// <summary>Whether the CLI waits for the service.</summary>
    public bool IsUnderWay => Volatile.Read(ref _count) > 0;

    /// <summary>When it last waited, by <see cref="Stopwatch.GetTimestamp"/>; 0 for never.</summary>
    public long LastEnded => Volatile.Read(ref _lastEnded);

    /// <summary>Notes that the CLI waits, until <see cref="End"/>.</summary>
    public void Begin() => Interlocked.Increment(ref _count);

    /// <summary>Notes that it waits no longer.</summary>
    public void End()
    {
        Volatile.Write(ref _lastEnded, Stopwatch.GetTimestamp());
        Interlocked.Decrement(ref _count);
    }
}
