using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Amp.Execution;
using Amp.Throttling;

namespace Amp.Sessions;

/// <summary>
/// A turn of a session, with its events between the process and the reader. A turn with a waiting reader slows the process down to the
/// reader's speed. A turn whose messages are kept, or that is being stopped, does not slow anything down.
/// </summary>
internal sealed class SessionTurn : IDisposable
{
    private const int Capacity = 256;

    private readonly object _lock = new();
    private readonly Channel<AmpEvent> _events = Channel.CreateUnbounded<AmpEvent>();
    private ExceptionDispatchInfo? _failure;
    private readonly Func<RunClock> _newClock;
    private readonly bool _isReplay;
    private RunClock? _clock;
    private TaskCompletionSource? _roomFreed;
    private bool _isLimited;
    private bool _isUnread;
    private int _held;
    private long _heldBytes;
    private int _stop;

    /// <summary>Creates a turn. Its time limits start with <see cref="StartClock"/>.</summary>
    /// <param name="options">The time limits, which apply to each turn.</param>
    /// <param name="isKept">Whether there is no waiting reader.</param>
    /// <param name="process">Gets the clock of the CLI's process; null before it starts.</param>
    /// <param name="expired">Called when a limit is exceeded.</param>
    public SessionTurn(AmpOptions options, bool isKept, Func<RunClock?> process, Action<SessionTurn, TurnStop> expired)
    {
        _isLimited = !isKept;
        _isReplay = options.Transport?.IsReplay == true;
        _newClock = () => new RunClock(
            options.Timeout,
            options.IdleTimeout,
            [],
            reason => expired(this, reason == StopReason.Timeout ? TurnStop.Timeout : TurnStop.IdleTimeout))
        {
            OfProcess = process,
        };
    }

    /// <summary>The message of the user.</summary>
    public required UserInputMessage Message { get; init; }

    /// <summary>Whether a result of the CLI has reached it, which is then its last message.</summary>
    public bool HasResult { get; private set; }

    /// <summary>The token with which its reader stops it.</summary>
    public CancellationToken Token { get; init; }

    /// <summary>Its place among the runs of this process.</summary>
    public RunPlace Place { get; init; } = RunPlace.OfNobody;

    /// <summary>Whether its message has gone to the process; false while it waits for its place.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>The reason why it is stopped, if it is: the first one, because later ones are consequences.</summary>
    public TurnStop Stop => (TurnStop)Volatile.Read(ref _stop);

    /// <summary>Says that its message goes to the process now.</summary>
    public void Start() => IsStarted = true;

    /// <summary>Says that a CLI works on it now, whose time begins. If there was one before, that one has not read the message.</summary>
    public void StartClock()
    {
        StopClock();
        _clock = _newClock();
    }

    /// <summary>Says that its CLI has exited. What comes after that is not the time of the CLI.</summary>
    public void StopClock() => _clock?.Dispose();

    /// <summary>Records why the turn is stopped, if no reason was recorded before.</summary>
    public void NoteStop(TurnStop reason)
    {
        Interlocked.CompareExchange(ref _stop, (int)reason, (int)TurnStop.None);

        // The process can exit only when its output is read.
        LiftLimit();
    }

    /// <summary>Marks that there is no reader anymore. Further events are dropped without waiting.</summary>
    public void ReaderLeaves()
    {
        lock (_lock)
        {
            _isUnread = true;
        }

        LiftLimit();
    }

    /// <summary>Passes on an event of the process. Waits if the reader is slow.</summary>
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

    /// <summary>Passes on the last event of the turn, without waiting. A reader that leaves with it has read the whole turn.</summary>
    public void Deliver(AmpEvent item)
    {
        HasResult |= item.Message is ResultMessage;
        lock (_lock)
        {
            if (!_isUnread && _events.Writer.TryWrite(item))
            {
                _held++;
                _heldBytes += item.HeldBytes;
            }
        }
    }

    /// <summary>Takes note of an error of the service, and tells the reader if fewer runs start because of it.</summary>
    /// <param name="error">The error; null for none.</param>
    public void NoteError(string? error)
    {
        // A mocked error says nothing about the service, which the real runs of the process use.
        if (error is not null && !_isReplay && Place.NoteError(error) is string warning)
        {
            Deliver(AmpEvent.FromText(AmpEventKind.Warning, warning));
        }
    }

    /// <summary>Ends the turn. A failure is thrown to the reader after the last event.</summary>
    public void Complete(Exception? failure = null)
    {
        Dispose();

        // Not by the channel, which throws its own kind of cancellation.
        _failure ??= failure is null ? null : ExceptionDispatchInfo.Capture(failure);
        _events.Writer.TryComplete();
    }

    /// <summary>Whether the turn has ended and was read completely.</summary>
    public bool IsRead => _events.Reader.Completion.IsCompleted;

    /// <summary>Waits until there is something to read, or until the end.</summary>
    /// <exception cref="AmpCanceledException">The wait was canceled.</exception>
    public async Task WaitToReadAsync(CancellationToken cancellationToken)
    {
        // Not with the channel's exception, which is either that of the turn, thrown when everything was read, or this one.
        await Task.WhenAny(_events.Reader.WaitToReadAsync(cancellationToken).AsTask()).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }
    }

    /// <summary>Throws the failure of the turn, if there is one.</summary>
    public void ThrowFailure()
    {
        _events.Reader.Completion.GetAwaiter().GetResult();
        _failure?.Throw();
    }

    /// <summary>Reads all events in order, until the turn ends.</summary>
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

    /// <summary>Reads the available events without waiting.</summary>
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
        StopClock();
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
            // A small number, because the run itself buffers events.
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

/// <summary>The reasons why the library stops a turn.</summary>
internal enum TurnStop
{
    None,
    Stopped,
    Abandoned,
    Timeout,
    IdleTimeout,
}
