using System.Diagnostics;

namespace Amp.Services;

/// <summary>
/// The work of a service or of the caller for the CLI, and its last end. While the CLI waits for the library, its silence does not count.
/// </summary>
internal sealed class RunWork
{
    private long _lastEnded;
    private int _count;
    private volatile bool _isCliBusy;

    /// <summary>Whether the CLI works on something else in the meantime, so that it does not wait.</summary>
    public bool IsCliBusy
    {
        get => _isCliBusy;
        set => _isCliBusy = value;
    }

    /// <summary>Whether the CLI waits.</summary>
    public bool IsUnderWay => Volatile.Read(ref _count) > 0 && !_isCliBusy;

    /// <summary>The time when the last wait ended, by <see cref="Stopwatch.GetTimestamp"/>; 0 for never.</summary>
    public long LastEnded => Volatile.Read(ref _lastEnded);

    /// <summary>Records that the CLI waits, until <see cref="End"/>.</summary>
    public void Begin() => Interlocked.Increment(ref _count);

    /// <summary>Records that the CLI no longer waits.</summary>
    public void End()
    {
        Volatile.Write(ref _lastEnded, Stopwatch.GetTimestamp());
        Interlocked.Decrement(ref _count);
    }
}
