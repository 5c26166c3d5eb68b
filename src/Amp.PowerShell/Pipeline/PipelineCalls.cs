using System.Management.Automation;
using System.Runtime.CompilerServices;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Runs work of other threads on the pipeline thread, the only thread on which scripts of the caller's session can run and cmdlets can
/// write. Code that waits there for a run uses <see cref="Wait{T}"/>, which does this work in the meantime. PowerShell has no
/// synchronization context that this could block.
/// </summary>
/// <remarks>
/// Work that arrives while nobody waits, for example during <c>WriteObject</c>, is kept for the next wait. Each item is completed: with its
/// result, or by cancellation if it is canceled before it starts or if there will be no further wait.
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
    /// Whether several cmdlets do the work in turn, as in a session, so that work between them is kept for the next one. Work is then
    /// canceled when the session's CLI exits.
    /// </summary>
    public bool IsKept { get; init; }

    /// <summary>Whether no cmdlet will ever wait, as in a job. What requires the pipeline thread is then refused.</summary>
    public bool IsOfJob { get; init; }

    /// <summary>The parameter whose value requires the pipeline thread; null if there is none.</summary>
    public string? RequiredBy { get; private set; }

    /// <summary>Says that the value of a parameter requires the pipeline thread.</summary>
    /// <param name="parameter">The name of the parameter.</param>
    /// <exception cref="AmpValidationException">There is none, because the caller does not wait.</exception>
    public void Require(string parameter)
    {
        RequiredBy = parameter;
        if (IsOfJob)
        {
            throw RefusalOfJob($"-{parameter}", parameter);
        }
    }

    /// <summary>The error for what requires the pipeline thread and would go on without it.</summary>
    /// <param name="what">What requires it.</param>
    /// <param name="parameter">The parameter that the error names.</param>
    public static AmpValidationException RefusalOfJob(string what, string parameter) => new(
        $"{what} requires your PowerShell session while the agent works, but a job of -AsJob runs without it.",
        parameter,
        "Omit -AsJob, or start the run in a job that has its own PowerShell session: Start-ThreadJob { Invoke-AmpAgent ... }.");

    /// <summary>Gets the calls of a session, for any cmdlet that waits for it.</summary>
    public static PipelineCalls Of(AmpSession session) => s_ofSessions.GetValue(session, _ => new PipelineCalls { IsKept = true });

    /// <summary>Assigns these calls to a session.</summary>
    public void BelongTo(AmpSession session) => s_ofSessions.Add(session, this);

    /// <summary>Runs work on the pipeline thread.</summary>
    /// <param name="work">The work. It gets the cmdlet that is active then. Its exceptions go only to the caller.</param>
    /// <param name="cancellationToken">Cancels work that has not started. Work that has started must observe the token itself.</param>
    /// <exception cref="OperationCanceledException">The work was canceled, or the pipeline has ended or was stopped.</exception>
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

    /// <summary>Waits on the pipeline thread and does the work that arrives in the meantime, one item after the other, in order.</summary>
    /// <param name="cmdlet">The cmdlet that waits.</param>
    /// <param name="awaited">The task to wait for. It has priority over work that has not started.</param>
    /// <param name="progress">The progress to update while nothing arrives; null for none.</param>
    /// <exception cref="PipelineStoppedException">The cmdlet was told to stop at what the work has written, as by <c>-WarningAction Stop</c>.
    /// The rest of the work is canceled.</exception>
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

            // An exception of the awaited task is thrown below, unwrapped.
            Task.WaitAny([task, arrived], progress is null ? Timeout.InfiniteTimeSpan : RunProgress.Interval);
            if (!task.IsCompleted && TryTake(out Call? call))
            {
                if (cmdlet.StopByPreference is null)
                {
                    Run(cmdlet, call!);
                }
                else
                {
                    call!.Cancel(new CancellationToken(canceled: true));
                }
            }

            progress?.UpdateWhileWaiting();
        }

        // Only now: the events of a run cannot be disposed of while the next one is awaited. Of a session, another cmdlet reads on, and what has arrived would be
        // lost: the reader writes it before it stops.
        if (!IsKept || !task.IsCompletedSuccessfully)
        {
            cmdlet.StopByPreference?.Throw();
        }

        return task.GetAwaiter().GetResult();
    }

    /// <summary>Does the work that has arrived, without waiting for more.</summary>
    /// <param name="cmdlet">The active cmdlet.</param>
    public void Serve(AmpCmdlet cmdlet)
    {
        while (TryTake(out Call? call))
        {
            Run(cmdlet, call!);
            cmdlet.StopByPreference?.Throw();
        }
    }

    private static void Run(AmpCmdlet cmdlet, Call call)
    {
        RunspaceState state = RunspaceState.Current;
        state.CallDepth++;
        try
        {
            // The run waits for it: a run that it starts must not wait for this one to end.
            using IDisposable callback = AmpThrottle.EnterCallback();
            call.Run(cmdlet);
        }
        finally
        {
            state.CallDepth--;
        }
    }

    /// <summary>
    /// Disposes an object when no further work will be done. If the calls are kept, the object is not disposed and must end by itself.
    /// </summary>
    public void Hold(IDisposable held)
    {
        lock (_lock)
        {
            _held.Add(held);
        }
    }

    /// <summary>Cancels the waiting work and all later work. Calls that are kept stay open.</summary>
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

    // The thread that completes the signal must not run the code of the waiting thread.
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
                // The token stops the run itself.
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
