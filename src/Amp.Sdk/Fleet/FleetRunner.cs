using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Amp.Fleet;

/// <summary>Takes items from a source as runs end, and hands what the runs report to the one consumer. No run keeps a thread here.</summary>
internal sealed class FleetRunner : IDisposable
{
    // A source that does not answer its token must not hold who has left.
    private static readonly TimeSpan s_sourceWait = TimeSpan.FromSeconds(1);

    private readonly FleetQueue _events = new();
    private readonly ConcurrentDictionary<FleetRun, Task> _running = new();
    private readonly SemaphoreSlim _room;
    private readonly CancellationToken _stop;
    private ExceptionDispatchInfo? _sourceFailure;
    private volatile bool _isCutOff;

    private FleetRunner(int limit, CancellationToken stop)
    {
        _room = new SemaphoreSlim(limit);
        _stop = stop;
    }

    /// <inheritdoc cref="AmpFleet.StreamAsync(IAsyncEnumerable{FleetItem}, int, CancellationToken)"/>
    public static async IAsyncEnumerable<FleetEvent> StreamAsync(
        IAsyncEnumerable<FleetItem> items, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }

        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using FleetRunner fleet = new(limit, stop.Token);
        Task ended = fleet.EndAsync(Task.Run(() => fleet.TakeAsync(items), CancellationToken.None));
        try
        {
            // The token is not for this loop: cancelled runs still have their last results to tell.
            while (await fleet._events.WaitToReadAsync().ConfigureAwait(false))
            {
                while (fleet._events.TryRead(out FleetEvent item))
                {
                    yield return item;
                }
            }

            if (fleet._isCutOff)
            {
                throw new AmpCanceledException(cancellationToken);
            }

            fleet._sourceFailure?.Throw();
        }
        finally
        {
            fleet._events.Abandon();
            await stop.CancelAsync().ConfigureAwait(false);
            await ended.ConfigureAwait(false);
        }
    }

    public void Dispose() => _room.Dispose();

    private async Task EndAsync(Task source)
    {
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration stop = _stop.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped);
        if (await Task.WhenAny(source, stopped.Task).ConfigureAwait(false) != source)
        {
            _isCutOff = true;
            await Task.WhenAll(_running.Values).ConfigureAwait(false);
            await Task.WhenAny(source, Task.Delay(s_sourceWait, CancellationToken.None)).ConfigureAwait(false);
        }

        await Task.WhenAll(_running.Values).ConfigureAwait(false);
        _events.Complete();
    }

    private async Task TakeAsync(IAsyncEnumerable<FleetItem> items)
    {
        try
        {
            int number = 0;
            IAsyncEnumerator<FleetItem> source = items.GetAsyncEnumerator(_stop);
            await using ConfiguredAsyncDisposable owned = source.ConfigureAwait(false);
            while (true)
            {
                await _room.WaitAsync(_stop).ConfigureAwait(false);
                if (!await source.MoveNextAsync().ConfigureAwait(false))
                {
                    break;
                }

                _stop.ThrowIfCancellationRequested();

                FleetRun run = new(++number, source.Current, _stop);
                TaskCompletionSource registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _running[run] = Task.Run(async () =>
                {
                    await registered.Task.ConfigureAwait(false);
                    await RunAsync(run).ConfigureAwait(false);
                });
                registered.SetResult();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // No more runs begin; those that have begun are told by the same token.
            _isCutOff = true;
        }
        catch (Exception exception)
        {
            _sourceFailure = ExceptionDispatchInfo.Capture(exception);
        }
    }

    private async Task RunAsync(FleetRun run)
    {
        try
        {
            await ReportAsync(run).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (exception is not AmpCanceledException && run.Token.IsCancellationRequested)
        {
            run.Failure = new AmpCanceledException(run.Token) { ThreadId = run.ThreadId };
        }
        catch (Exception exception)
        {
            // Whatever it is, it is this run's alone, and its last event tells it.
            run.Failure = exception;
        }

        if (run.Failure is AmpCanceledException && _stop.IsCancellationRequested)
        {
            _isCutOff = true;
        }

        run.End();
        await _events.WriteAsync(new FleetEvent(run, FleetEventKind.Ended)).ConfigureAwait(false);
        _running.TryRemove(run, out _);
        _room.Release();
    }

    private async Task ReportAsync(FleetRun run)
    {
        AmpOptions options = run.Item.Options with { IsInFleet = true };
        run.Plan = run.Item.Preview is RunPlan preview ? await AmpClient.PlanAsync(preview, run.Token).ConfigureAwait(false)
            : run.Item.Messages is IAsyncEnumerable<UserInputMessage> messages
            ? await AmpClient.PlanAsync(messages, options, run.Token).ConfigureAwait(false)
            : await AmpClient.PlanAsync(run.Item.Prompt!, options, run.Token).ConfigureAwait(false);
        await _events.WriteAsync(new FleetEvent(run, FleetEventKind.Started)).ConfigureAwait(false);
        ResultMessage? result = null;
        await foreach (AmpEvent item in AmpClient.StreamAsync(run.Plan, run.Token).ConfigureAwait(false))
        {
            run.ThreadId ??= item.Message?.SessionId;
            result = item.Message as ResultMessage ?? result;
            run.Result = result;
            run.InvalidLine ??= item.Error;
            await _events.WriteAsync(new FleetEvent(run, item)).ConfigureAwait(false);
        }

        run.Failure = result is ErrorResultMessage failed ? new AmpAgentException(failed) : run.InvalidLine;
    }
}
