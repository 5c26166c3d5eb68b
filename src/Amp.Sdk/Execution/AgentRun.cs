using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Amp.Cli;
using Amp.Messages;
using Amp.Options;
using Amp.Plans;
using Amp.Processes;
using Amp.Throttling;
using Amp.Transports;

namespace Amp.Execution;

/// <summary>
/// A run of the CLI, from its start to the end of its last process. The iterator owns the child process: its <c>finally</c> runs however
/// you leave it, and returns only when every process of the run has exited.
/// </summary>
internal sealed class AgentRun : IDisposable
{
    // The remaining content of a pipe arrives at once when its process has exited. After that, only another process can keep it open.
    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(1);

    // For a process that ignores Ctrl+C, such as a shell around the CLI that waits for its child. A host allows a run 5 seconds in total.
    private static readonly TimeSpan s_terminateGrace = TimeSpan.FromSeconds(1);

    private readonly RunPlan _plan;
    private readonly RunProcess _child;
    private readonly RunPlace _place;
    private readonly RunSurroundings _surroundings;
    private readonly CancellationToken _cancellationToken;
    private readonly EventQueue _events = new();
    private readonly RunStop _stop = new();
    private readonly RunAccount _account;
    private readonly RunClock _clock;
    private readonly ServiceWatch _service;
    private readonly ServiceProbe _probe;
    private readonly OutputPump _pump;
    private readonly ErrorPump _errors;
    private readonly CancellationTokenSource _inputEnded = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _turns = new(0);
    private readonly RunRecorder? _recorder;
    private readonly Action? _exited;

    private AgentRun(
        RunSurroundings surroundings, RunProcess child, RunPlace place, RunRole role, RunRecorder? recorder, CancellationToken cancellationToken)
    {
        _recorder = recorder;
        _exited = role.Exited;
        recorder?.WarnBy(text => _events.WriteLast(AmpEvent.FromText(AmpEventKind.Warning, text)));
        RunPlan plan = surroundings.Plan;
        _plan = plan;
        _surroundings = surroundings;
        _child = child;
        child.Watch(_stop.Requested);
        _place = place;
        _stop.IsInputDone = role.IsSession || !(plan.Input.IsOpen || plan.Options.Verify is not null);
        _cancellationToken = cancellationToken;
        _account = new RunAccount(
            surroundings, role, _stop, text => _pump!.Warnings.Enqueue(text), decision => Tell(AmpEvent.FromApproval(decision)));
        _clock = new RunClock(plan.Options.Timeout, plan.Options.IdleTimeout, surroundings.Work, _stop.Request);
        _service = new ServiceWatch(plan.Options.ServiceLossTimeout, plan.AsksAboutFiles, () => _clock.IsHeld, _stop.Request);
        _probe = new ServiceProbe(ServiceAddress.Of(plan), plan.Options.ServiceLossTimeout, () => _clock.IsHeld, _stop.Request);
        _pump = new OutputPump(
            child.Output, new MessageParser(_account.Tally, surroundings.Toolbox, _account), plan.Options.MaxLineBytes, _events, _clock, surroundings.Redactor, _stop.Request)
        {
            MessageArrived = MessageArrived,
            Recorder = recorder,
            ExpectedThread = plan.Options.ThreadId is string thread ? ThreadReference.Parse(thread, nameof(AmpOptions.ThreadId)) : null,
        };
        _errors = new ErrorPump(child.Error, _events, _clock, _service, surroundings.Redactor);
    }

    /// <summary>Starts the CLI, writes the prompt, and returns all events until it has exited.</summary>
    /// <param name="plan">The plan of the run.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <param name="role">What the run is a part of; null for an independent run.</param>
    /// <exception cref="AmpException">After the last event: the run failed, and its result does not report it.</exception>
    public static async IAsyncEnumerable<AmpEvent> StreamAsync(
        RunPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken, RunRole? role = null)
    {
        role ??= RunRole.Own;
        if (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }

        // A session's turns have places of their own, and its process none: it is silent between them.
        using RunPlace place = !role.IsSession ? RunGate.Shared.Ask(plan.Options.IsInFleet) : RunPlace.OfNobody;
        bool isOld = role.IsSession || !place.IsGranted;
        if (!place.IsGranted)
        {
            yield return AmpEvent.FromText(AmpEventKind.Waiting, place.Waiting());
        }

        // For what the run opens now and calls later: tools, questions, the verification.
        RunGate.Origin = RunOrigin.Run;
        using RunRecorder? own = role.Recorder is null ? RunRecorder.Of(plan, role.IsSession) : null;
        RunRecorder? recorder = role.Recorder ?? own;
        Task<T> StepAsync<T>(Func<Task<T>> step) => RunRecorder.BeforeStartAsync(recorder, plan, step);
        plan = await StepAsync(async () =>
        {
            await place.WaitAsync(cancellationToken).ConfigureAwait(false);

            RunPlan current = (plan.Cli is null ? await plan.CompleteAsync(cancellationToken).ConfigureAwait(false) : plan).Current(isOld);

            // Others may have used the budget since the plan was created.
            RunBudgets.Refuse(current.Options);

            // Before anything of this run exists, because leftovers of another run may work in the same folder.
            await (current.Transport.IsReplay ? Task.CompletedTask : OrphanSweep.RunAsync()).ConfigureAwait(false);
            return current;
        }).ConfigureAwait(false);
        RunCheckpoint checkpoint = role.Checkpoint ?? new(plan);
        await using ConfiguredAsyncDisposable ownedCheckpoint = (await StepAsync(() => checkpoint.BeginAsync(cancellationToken)).ConfigureAwait(false)).ConfigureAwait(false);
        RunConnection connection = await StepAsync(() => plan.ConnectAsync(cancellationToken)).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ownedConnection = connection.ConfigureAwait(false);
        RunSurroundings surroundings = await StepAsync(() => RunSurroundings.OpenAsync(plan.On(connection), connection, cancellationToken, role.Verifier)).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ownedSurroundings = surroundings.ConfigureAwait(false);
        recorder?.Begin(surroundings);
        RunProcess child = await StepAsync(() => connection.StartAsync(surroundings.Command, cancellationToken)).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ownedChild = child.ConfigureAwait(false);
        using AgentRun run = new(surroundings, child, place, role with { Checkpoint = checkpoint }, recorder, cancellationToken);
        using CancellationTokenRegistration cancel = cancellationToken.UnsafeRegister(
            static state => ((AgentRun)state!)._stop.Request(StopReason.Canceled), run);
        role.Started?.Invoke(new StartedRun(child.Id, run._clock, run._account));
        run._events.TryWrite(AmpEvent.FromStart(new RunStart(child.Id, run._plan.Program.Path, run._plan.Cli?.Version)));
        foreach (string warning in surroundings.Warnings.Concat(checkpoint.Warnings))
        {
            run.Tell(AmpEvent.FromText(AmpEventKind.Warning, warning));
        }

        Task ended = run.SuperviseAsync();
        Exception? failure = null;
        try
        {
            // Without the token: a canceled CLI still has a last result to report.
            while (await run._events.WaitToReadAsync().ConfigureAwait(false))
            {
                while (run._events.TryRead(out AmpEvent item))
                {
                    if (!checkpoint.Holds(item))
                    {
                        yield return item;
                    }
                }
            }

            await ended.ConfigureAwait(false);
            bool isStopped = run._stop.Reason is not (StopReason.None or StopReason.StaysAfterOutput);
            foreach (AmpEvent warning in await checkpoint.EndAsync(run._pump.ThreadId, isStopped, cancellationToken).ConfigureAwait(false))
            {
                recorder?.Note(warning);
            }

            foreach (AmpEvent item in checkpoint.Held)
            {
                yield return item;
            }

            if (child is { Failure: null, Exited.IsCompletedSuccessfully: true })
            {
                yield return AmpEvent.FromExit(new RunExit(await child.Exited.ConfigureAwait(false)));
            }

            failure = run._stop.InputFailure?.SourceException ?? await run.FailureAsync().ConfigureAwait(false);
            if (failure is not null)
            {
                ExceptionDispatchInfo.Throw(failure);
            }
        }
        finally
        {
            run._stop.Request(StopReason.Abandoned);
            run._events.Complete();
            await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            recorder?.NoteEnd(child.Exited, run._pump, failure ?? ended.Exception?.InnerException, run._errors.Text);
            // The checkpoint and the connection take time to end.
            own?.Dispose();
            await ended.ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _clock.Dispose();
        _service.Dispose();
        _probe.Dispose();
        _pump.Dispose();
        _inputEnded.Dispose();
        _ended.Dispose();
        _turns.Dispose();
    }

    // Events in addition to those of the output, which its reader records.
    private void Tell(in AmpEvent item, bool isLast = false)
    {
        _recorder?.Note(item);
        if (!_events.TryWrite(item) && isLast)
        {
            _events.WriteLast(item);
        }
    }

    private void Warn(string text) => Tell(AmpEvent.FromText(AmpEventKind.Warning, text), isLast: true);

    private async Task SuperviseAsync()
    {
        Task output = PumpAsync();
        Task errors = _errors.RunAsync();
        Task input = WriteInputAsync();
        Task lingering = EndAfterOutputAsync(output, _ended.Token);
        Task closing = Task.CompletedTask;
        try
        {
            await Task.WhenAny(_child.Exited, _stop.Requested).ConfigureAwait(false);
            await _inputEnded.CancelAsync().ConfigureAwait(false);
            await (_child.Exited.IsCompleted ? Task.CompletedTask : StopAsync()).ConfigureAwait(false);

            // The consumer can take any time for the rest, because the CLI itself was in time.
            _clock.Dispose();
            _exited?.Invoke();
            _service.Dispose();
            _probe.Dispose();

            // Also after a normal exit: background processes of the agent would keep the pipes open and outlive their run.
            await _child.KillAsync().ConfigureAwait(false);

            // The consumer may be busy with a service and read no event before that ends, so it must be stopped from here.
            closing = _surroundings.CloseServicesAsync();
            await _pump.DrainAsync(output).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            await Task.WhenAny(Task.WhenAll(errors, input), Task.Delay(s_drainLimit)).ConfigureAwait(false);
            if (_stop.Reason == StopReason.StaysAfterOutput && _pump.Result is not null)
            {
                Warn($"The Amp CLI returned its result but did not exit within {_plan.Options.ExitGracePeriod.TotalSeconds:0.#} s; it was stopped.");
            }

            // The service can refuse a run before its first message.
            if (_stop.Reason == StopReason.None && _pump.LastMessage is null && !_plan.Transport.IsReplay
                && CliFailure.RefusalIn(_errors.Text) is string refusal && _place.NoteError(refusal) is string throttled)
            {
                Warn(throttled);
            }

            if (_child.Suspects() is string suspects)
            {
                Warn($"This run may have started these processes, which were not stopped: {suspects}.");
            }
        }
        finally
        {
            // What was throttled is noted. The consumer may wait for a run that waits for this place.
            _place.Dispose();
            _events.Complete();
            await _ended.CancelAsync().ConfigureAwait(false);
            await lingering.ConfigureAwait(false);
            await closing.ConfigureAwait(false);
        }
    }

    private async Task PumpAsync()
    {
        try
        {
            await _pump.RunAsync().ConfigureAwait(false);
        }
        catch
        {
            // Without a reader, the CLI would wait forever.
            _stop.Request(StopReason.ReadFailed);
            throw;
        }
    }

    private async Task StopAsync()
    {
        _child.NoteDescendants();

        // During a login, there is no run to end, and a line that is too long cannot be read to its end.
        if (_stop.Reason is not (StopReason.LoginStarted or StopReason.LineTooLong) && _child.Interrupt())
        {
            TimeSpan grace = _plan.Options.CancellationGracePeriod;
            await Task.WhenAny(_child.Exited, Task.Delay(grace)).ConfigureAwait(false);
            if (grace > TimeSpan.Zero && _child.Terminate())
            {
                await Task.WhenAny(_child.Exited, Task.Delay(grace < s_terminateGrace ? grace : s_terminateGrace)).ConfigureAwait(false);
            }
        }
    }

    // A result is the last message, and no message can arrive after the end of the output, so the CLI should exit.
    private async Task EndAfterOutputAsync(Task output, CancellationToken runEnded)
    {
        try
        {
            await Task.WhenAny(_pump.ResultArrived.Task, output).WaitAsync(runEnded).ConfigureAwait(false);
            await Task.Delay(_plan.Options.ExitGracePeriod, runEnded).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (!_child.Exited.IsCompleted)
        {
            _stop.Request(StopReason.StaysAfterOutput);
        }
    }

    private void MessageArrived(StreamMessage message)
    {
        message.Denied = _account.Tally.LastDenied;
        _account.NoteMessage(message);
        bool isIdle = _plan.Input.HasTurns && message is AssistantMessage { EndsTurn: true };
        _service.NoteMessage(_account.Tally.Unanswered, isIdle);
        _probe.NoteMessage(isIdle);
        if (message is ResultMessage)
        {
            // A mocked error says nothing about the service, which the real runs of the process use.
            if (message is ErrorResultMessage failed && !_plan.Transport.IsReplay && _place.NoteError(failed.Error) is string warning)
            {
                _pump.Warnings.Enqueue(warning);
            }

            // A failed turn has no end of its own, so its reader would wait forever.
            _ = _plan.Input.HasTurns ? _inputEnded.CancelAsync() : null;

            // The CLI is about to exit, together with the servers that it started.
            _child.NoteDescendants();
        }
        else if (_plan.Input.HasTurns && message is AssistantMessage { WaitsForUser: true })
        {
            _turns.Release();
        }
    }

    private void MessageGoesIn(UserInputMessage message)
    {
        CliChoice.CheckImages(message, _plan.Cli);

        // The previous answer may have reached the limit, and was allowed to complete.
        if (_account.Budget?.Refusal(_pump.ThreadId, "The next message was not sent to the agent.") is AmpBudgetException reached)
        {
            throw reached;
        }

        _service.NoteInput();
        _recorder?.NoteInput(message.Text);
    }

    private async Task WriteInputAsync()
    {
        Stream stream = _child.Input;
        try
        {
            await _plan.Input.WriteAsync(stream, _turns, _account.Answers.Dialogue with { Said = MessageGoesIn }, _inputEnded.Token).ConfigureAwait(false);
            _stop.IsInputDone |= !_inputEnded.IsCancellationRequested;
        }
        catch (Exception exception) when (exception is InputClosedException || _inputEnded.IsCancellationRequested || _cancellationToken.IsCancellationRequested)
        {
            // The CLI exited without reading everything, or the caller has canceled. The end of the run explains why.
        }
        catch (Exception exception)
        {
            _stop.RequestFor(exception);
        }
        finally
        {
            try
            {
                // The CLI starts, and ends, when its input ends.
                await stream.DisposeAsync().ConfigureAwait(false);
            }
            catch (IOException)
            {
                // There is no receiver anymore.
            }
        }
    }

    private async Task<Exception?> FailureAsync()
    {
        ProcessExit? exit = _child.Exited.IsCompleted ? await _child.Exited.ConfigureAwait(false) : null;
        _account.Bypass.NoteEnd();
        RunEnd end = new(_stop.Reason, exit, _pump.Result, _pump.LastMessage, _pump.ThreadId, _errors.Text, _errors.IsTruncated)
        {
            IsInputDone = _stop.IsInputDone,
            IsCut = _account.IsCut,
            HasRecovered = _service.HasRecovered,
            Bypass = _account.Bypass.Found,
            Budget = _account.Budget,
            Lost = _child.Failure,
        };
        Exception? failure = _stop.Reason == StopReason.LineTooLong ? _pump.TooLong : RunFailure.Of(end, _plan, _cancellationToken);
        bool wasDone = _pump.Result is { IsError: false } && _stop.Reason is not (StopReason.Abandoned or StopReason.InputFailed);
        return failure ?? (wasDone || _stop.Reason == StopReason.OutputInvalid ? _account.Answers.Failure(_pump.ThreadId, _pump.Result) : null);
    }
}
