using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Amp.Execution;
using Amp.Throttling;

namespace Amp.Sessions;

/// <summary>
/// One turn of a session, on its way from the process to its reader. A turn that somebody waits for makes the process wait for a slow
/// reader; one that is kept until somebody asks for it, and one that is being broken off, hold up nothing.
/// </summary>
internal sealed class SessionTurn : IDisposable
{
    private const int Capacity = 256;

    private readonly object _lock = new();
    private readonly Channel<AmpEvent> _events = Channel.CreateUnbounded<AmpEvent>();
    private ExceptionDispatchInfo? _failure;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<RunClock> _newClock;
    private RunClock? _clock;
    private TaskCompletionSource? _roomFreed;
    private bool _isLimited;
    private bool _isUnread;
    private int _held;
    private long _heldBytes;
    private int _stop;

    /// <summary>Makes a turn; its time runs from <see cref="Start"/>.</summary>
    /// <param name="options">The limits of time, which are those of each turn.</param>
    /// <param name="isKept">Whether nobody waits for it.</param>
    /// <param name="process">Gives the clock of the CLI's process; null before it has started.</param>
    /// <param name="expired">Called when a limit is reached.</param>
    public SessionTurn(AmpOptions options, bool isKept, Func<RunClock?> process, Action<SessionTurn, TurnStop> expired)
    {
        IsKept = isKept;
        _isLimited = !isKept;
        _newClock = () => new RunClock(
            options.Timeout,
            options.IdleTimeout,
            [],
            reason => expired(this, reason == StopReason.Timeout ? TurnStop.Timeout : TurnStop.IdleTimeout))
        {
            OfProcess = process,
        };
    }

    /// <summary>Whether its messages are kept until somebody asks for them.</summary>
    public bool IsKept { get; }

    /// <summary>Its place among the runs of this process.</summary>
    public RunPlace Place { get; init; } = RunPlace.OfNobody;

    /// <summary>Whether its message has gone to the CLI; false while it waits for its place.</summary>
    public bool IsStarted => _clock is not null;

    /// <summary>Why it is broken off, if it is: the first reason, later ones are its consequences.</summary>
    public TurnStop Stop => (TurnStop)Volatile.Read(ref _stop);

    /// <summary>Completes with the turn, whether or not it has been read.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Says that its message goes to the CLI now, whose time begins.</summary>
    public void Start() => _clock = _newClock();

    /// <summary>Notes why the turn is broken off, if nothing was noted before.</summary>
    public void NoteStop(TurnStop reason)
    {
        Interlocked.CompareExchange(ref _stop, (int)reason, (int)TurnStop.None);

        // The process ends only when what it has written is taken.
        LiftLimit();
    }

    /// <summary>Nobody reads any more: what comes is dropped, and holds up nothing.</summary>
    public void ReaderLeaves()
    {
        lock (_lock)
        {
            _isUnread = true;
        }

        LiftLimit();
    }

    /// <summary>Hands on what the process reported; waits where the reader is slow.</summary>
    public async ValueTask DeliverAsync(AmpEvent item)
    {
        _clock?.Touch();
        while (RoomToWaitFor() is Task room)
        {
            _clock?.Pause();
            await room.ConfigureAwait(false);
            _clock?.Resume();
        }

        Deliver(item);
    }

    /// <summary>Hands on the turn's last event, which waits for nobody: a reader that leaves with it has seen the turn to its end.</summary>
    public void Deliver(AmpEvent item)
    {
        lock (_lock)
        {
            if (!_isUnread && _events.Writer.TryWrite(item))
            {
                _held++;
                _heldBytes += item.HeldBytes;
            }
        }
    }

    /// <summary>Ends the turn; a failure is thrown to the reader behind the last event.</summary>
    public void Complete(Exception? failure = null)
    {
        Dispose();

        // Not by the channel, which makes a cancellation one of its own.
        _failure ??= failure is null ? null : ExceptionDispatchInfo.Capture(failure);
        _events.Writer.TryComplete();
        _ended.TrySetResult();
    }

    /// <summary>Whether it is over and everything of it was read.</summary>
    public bool IsRead => _events.Reader.Completion.IsCompleted;

    /// <summary>Waits until there is something to read, or nothing any more.</summary>
    /// <exception cref="AmpCanceledException">The waiting was given up.</exception>
    public async Task WaitToReadAsync(CancellationToken cancellationToken)
    {
        // Not by its own exception, which is either that of the turn, thrown when everything was read, or this one.
        await Task.WhenAny(_events.Reader.WaitToReadAsync(cancellationToken).AsTask()).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }
    }

    /// <summary>Throws what the turn failed by, if it did.</summary>
    public void ThrowFailure()
    {
        _events.Reader.Completion.GetAwaiter().GetResult();
        _failure?.Throw();
    }

    /// <summary>Everything in order, as it comes, to the turn's end.</summary>
    public async IAsyncEnumerable<AmpEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _events.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (TryRead(out AmpEvent item))
            {
                yield return item;
            }
        }

        _failure?.Throw();
    }

    /// <summary>Takes what has come, without waiting.</summary>
    public bool TryRead(out AmpEvent item)
    {
        if (!_events.Reader.TryRead(out item))
        {
            return false;
        }

        lock (_lock)
        {
            _held--;
            _heldBytes -= item.HeldBytes;
            FreeRoom();
        }

        return true;
    }

    public void Dispose()
    {
        _clock?.Dispose();
        Place.Dispose();
    }

    private void LiftLimit()
    {
        lock (_lock)
        {
            _isLimited = false;
            FreeRoom();
        }
    }

    private Task? RoomToWaitFor()
    {
        lock (_lock)
        {
            // Little, because the run behind it holds as much as a run holds.
            if (!_isLimited || (_held < Capacity && _heldBytes < EventQueue.ByteLimit))
            {
                return null;
            }

            _roomFreed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _roomFreed.Task;
        }
    }

    private void FreeRoom()
    {
        _roomFreed?.TrySetResult();
        _roomFreed = null;
    }
}

/// <summary>Why a turn is broken off from this side.</summary>
internal enum TurnStop
{
    None,
    Stopped,
    Abandoned,
    Timeout,
    IdleTimeout,
}
