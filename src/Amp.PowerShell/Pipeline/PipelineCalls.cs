using System.Management.Automation;
using System.Runtime.CompilerServices;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Lets any thread have work done on the pipeline thread, where alone scripts of the caller's session can run and cmdlets can write.
/// Whatever waits there for something of a run waits with <see cref="Wait{T}"/>, and does the work that comes meanwhile. No
/// synchronization context exists there that this could block.
/// </summary>
/// <remarks>
/// Work that comes while nobody waits, as inside <c>WriteObject</c>, is kept for the next wait. Work that was handed in is always
/// answered: by its outcome, or by a cancellation when it is cancelled before it has begun or when nobody will wait any more.
/// </remarks>
internal sealed class PipelineCalls : IDisposable
{
    private static readonly ConditionalWeakTable<AmpSession, PipelineCalls> s_ofSessions = new();

    private readonly object _lock = new();
    private readonly LinkedList<Call> _waiting = new();
    private TaskCompletionSource _arrived = NewSignal();
    private readonly List<IDisposable> _held = [];
    private bool _isClosed;

    /// <summary>
    /// Whether several cmdlets do the work, one after the other, as in a session: what comes between them is kept for the next. What is
    /// asked for is then taken back when the session's CLI ends.
    /// </summary>
    public bool IsKept { get; init; }

    /// <summary>The calls of a session, whichever cmdlet waits for it.</summary>
    public static PipelineCalls Of(AmpSession session) => s_ofSessions.GetValue(session, _ => new PipelineCalls { IsKept = true });

    /// <summary>Makes these the calls of a session.</summary>
    public void BelongTo(AmpSession session) => s_ofSessions.Add(session, this);

    /// <summary>Has work done on the pipeline thread.</summary>
    /// <param name="work">The work; it is given the cmdlet that is at work then. What it throws is thrown to the caller alone.</param>
    /// <param name="cancellationToken">Takes work back that has not begun; work that has begun must watch the token itself.</param>
    /// <exception cref="OperationCanceledException">It was taken back, or the pipeline has ended or was stopped.</exception>
    public async Task<T> InvokeAsync<T>(Func<AmpCmdlet, T> work, CancellationToken cancellationToken)
    {
        Call<T> call = new(work);
        LinkedListNode<Call> place;
        lock (_lock)
        {
            if (_isClosed)
            {
                throw new OperationCanceledException("The pipeline has ended.");
            }

            place = _waiting.AddLast(call);
            _arrived.TrySetResult();
        }

        using CancellationTokenRegistration cancel = cancellationToken.UnsafeRegister(
            _ =>
            {
                if (TryRemove(place))
                {
                    call.Cancel(cancellationToken);
                }
            },
            null);
        return await call.Outcome.ConfigureAwait(false);
    }

    /// <summary>Waits on the pipeline thread and does the work that comes meanwhile, one after the other, in the order in which it came.</summary>
    /// <param name="cmdlet">The cmdlet that waits.</param>
    /// <param name="awaited">What is waited for. It goes before work that has not begun.</param>
    /// <param name="progress">What is kept up to date while nothing comes; null for nothing.</param>
    public T Wait<T>(AmpCmdlet cmdlet, ValueTask<T> awaited, IProgressWhileWaiting? progress = null)
    {
        if (awaited.IsCompleted)
        {
            return awaited.Result;
        }

        Task<T> task = awaited.AsTask();
        while (!task.IsCompleted)
        {
            Task arrived;
            lock (_lock)
            {
                if (_waiting.Count == 0 && _arrived.Task.IsCompleted)
                {
                    _arrived = NewSignal();
                }

                arrived = _arrived.Task;
            }

            // An exception of what is waited for is thrown below, unwrapped.
            Task.WaitAny([task, arrived], progress is null ? Timeout.InfiniteTimeSpan : RunProgress.Interval);
            if (!task.IsCompleted && TryTake(out Call? call))
            {
                RunspaceState state = RunspaceState.Current;
                state.CallDepth++;
                try
                {
                    // The run waits for it: a run that it starts must not wait for this one to end.
                    using IDisposable callback = AmpThrottle.EnterCallback();
                    call!.Run(cmdlet);
                }
                finally
                {
                    state.CallDepth--;
                }
            }

            progress?.UpdateWhileWaiting();
        }

        return task.GetAwaiter().GetResult();
    }

    /// <summary>Has something disposed of when nobody will do work any more. Kept ones do not: what they hold has to end by itself.</summary>
    public void Hold(IDisposable held)
    {
        lock (_lock)
        {
            _held.Add(held);
        }
    }

    /// <summary>Says that nobody will do work any more: what waits is cancelled, and what comes later too. Kept ones stay open.</summary>
    public void Close()
    {
        if (IsKept)
        {
            return;
        }

        Call[] left;
        IDisposable[] held;
        lock (_lock)
        {
            _isClosed = true;
            held = [.. _held];
            _held.Clear();
            left = [.. _waiting];
            _waiting.Clear();
        }

        foreach (Call call in left)
        {
            call.Cancel(new CancellationToken(canceled: true));
        }

        foreach (IDisposable item in held)
        {
            item.Dispose();
        }
    }

    /// <inheritdoc cref="Close"/>
    public void Dispose() => Close();

    // Whoever completes the signal must not run the waiter's code.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool TryTake(out Call? call)
    {
        lock (_lock)
        {
            call = _waiting.First?.Value;
            if (call is not null)
            {
                _waiting.RemoveFirst();
            }
        }

        return call is not null;
    }

    private bool TryRemove(LinkedListNode<Call> place)
    {
        lock (_lock)
        {
            if (place.List is null)
            {
                return false;
            }

            _waiting.Remove(place);
            return true;
        }
    }

    private abstract class Call
    {
        public abstract void Run(AmpCmdlet cmdlet);

        public abstract void Cancel(CancellationToken cancellationToken);
    }

    private sealed class Call<T> : Call
    {
        private readonly Func<AmpCmdlet, T> _work;
        private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Call(Func<AmpCmdlet, T> work) => _work = work;

        public Task<T> Outcome => _outcome.Task;

        public override void Run(AmpCmdlet cmdlet)
        {
            try
            {
                _outcome.TrySetResult(_work(cmdlet));
            }
            catch (PipelineStoppedException)
            {
                // The stop itself reaches the run by its token.
                _outcome.TrySetCanceled();
            }
            catch (Exception exception)
            {
                _outcome.TrySetException(exception);
            }
        }

        public override void Cancel(CancellationToken cancellationToken) => _outcome.TrySetCanceled(cancellationToken);
    }
}
