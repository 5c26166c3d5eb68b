using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Amp.Budgets;
using Amp.Cli;
using Amp.Messages;
using Amp.Options;
using Amp.Plans;
using Amp.Processes;
using Amp.Text;
using Amp.Throttling;

namespace Amp.Execution;

/// <summary>
/// One run of the CLI, from its start to the end of its last process. The iterator owns the child: leaving it by any way
/// runs its <c>finally</c>, which returns only when everything of the run has ended.
/// </summary>
internal sealed class AgentRun : IDisposable
{
    // What a pipe still holds when its process has ended comes at once; then only somebody else can keep it open.
    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(1);

    // For who does not answer Ctrl+C, such as a shell around the CLI that waits for its child. A host gives a run 5 seconds in all.
    private static readonly TimeSpan s_terminateGrace = TimeSpan.FromSeconds(1);

    private readonly AmpRunPlan _plan;
    private readonly ChildProcess _child;
    private readonly RunSurroundings _surroundings;
    private readonly CancellationToken _cancellationToken;
    private readonly EventQueue _events = new();
    private readonly TaskCompletionSource _stopRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StandardErrorTail _errors = new();
    private readonly SecretRedactor _redactor;
    private readonly ApprovalLog _approvals;
    private readonly BypassCheck _bypass;
    private readonly RunClock _clock;
    private readonly ServiceWatch _service;
    private readonly ServiceProbe _probe;
    private readonly BudgetMeter? _budget;
    private readonly MessageParser _parser;
    private readonly OutputPump _pump;
    private readonly CancellationTokenSource _inputEnded = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _turns = new(0);
    private readonly AnswerCheck _answers;
    private ExceptionDispatchInfo? _inputFailure;
    private RunPlace _place = RunPlace.OfNobody;
    private int _stopReason;

    private AgentRun(RunSurroundings surroundings, ChildProcess child, bool isSession, CancellationToken cancellationToken)
    {
        AmpRunPlan plan = surroundings.Plan;
        _plan = plan;
        _surroundings = surroundings;
        _child = child;
        _cancellationToken = cancellationToken;
        _redactor = new SecretRedactor(plan.Environment, plan.SecretValues);
        _parser = new MessageParser(plan.RejectMessages, plan.Toolbox);
        _bypass = new BypassCheck(plan.Settings.Held, surroundings.Folder, _parser.IsDenied);
        _approvals = new ApprovalLog(surroundings.Approvals, _redactor, Decided);
        _answers = new AnswerCheck(surroundings, isSession, () => RequestStop(StopReason.OutputInvalid));
        _clock = new RunClock(plan.Options.Timeout, plan.Options.IdleTimeout, surroundings.Work, RequestStop);
        _service = new ServiceWatch(plan.Options.ServiceLossTimeout, plan.AsksAboutFiles, () => _clock.IsHeld, RequestStop);
        _probe = new ServiceProbe(ServiceAddress.Of(plan), plan.Options.ServiceLossTimeout, () => _clock.IsHeld, RequestStop);
        _pump = new OutputPump(child.Output, _parser, plan.Options.MaxLineBytes, _events, _clock, _redactor, RequestStop)
        {
            MessageArrived = MessageArrived,
            ExpectedThread = plan.Options.ThreadId is string thread ? ThreadReference.Parse(thread, nameof(AmpOptions.ThreadId)) : null,
        };
        _budget = RunBudgets.Meter(plan.Options, _pump.Warnings.Enqueue);
    }

    /// <summary>Starts the CLI, gives it the prompt and reports what it does until it has ended.</summary>
    /// <param name="plan">The plan of the run.</param>
    /// <param name="cancellationToken">Asks the run to end.</param>
    /// <param name="started">Called when the CLI has been started.</param>
    /// <param name="exited">Called behind the last event with the CLI's exit code or signal, in words.</param>
    /// <exception cref="AmpException">After the last event: what was wrong with the run, unless its result already says it.</exception>
    public static async IAsyncEnumerable<AmpEvent> StreamAsync(
        AmpRunPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken, Action<StartedRun>? started = null,
        Action<string>? exited = null)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }

        // A session's turns have places of their own, and its process none: it is silent between them.
        using RunPlace place = started is null ? RunGate.Shared.Ask(plan.Options.IsInFleet) : RunPlace.OfNobody;
        if (!place.IsGranted)
        {
            yield return AmpEvent.FromText(AmpEventKind.Waiting, place.Waiting());
            await place.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        // For what the run opens now and calls later: tools, questions, the verification.
        RunGate.IsInside = true;

        // Others may have used the budget up since the plan was made.
        RunBudgets.Refuse(plan.Options);

        // Before anything of this run is there: what is left of another one may work in the same folder.
        await OrphanSweep.RunAsync().ConfigureAwait(false);
        RunSurroundings surroundings = await RunSurroundings.OpenAsync(plan, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ownedSurroundings = surroundings.ConfigureAwait(false);
        ChildProcess child = ChildProcess.Start(surroundings.Command);
        await using ConfiguredAsyncDisposable ownedChild = child.ConfigureAwait(false);
        using AgentRun run = new(surroundings, child, isSession: started is not null, cancellationToken) { _place = place };
        using CancellationTokenRegistration cancel = cancellationToken.UnsafeRegister(
            static state => ((AgentRun)state!).RequestStop(StopReason.Canceled), run);
        started?.Invoke(new StartedRun(child.Id, run._clock));
        foreach (string warning in run._plan.Warnings)
        {
            run._events.TryWrite(AmpEvent.FromText(AmpEventKind.Warning, warning));
        }

        Task ended = run.SuperviseAsync();
        try
        {
            // The token is not for this loop: a cancelled CLI still has a last result to tell.
            while (await run._events.WaitToReadAsync().ConfigureAwait(false))
            {
                while (run._events.TryRead(out AmpEvent item))
                {
                    yield return item;
                }
            }

            await ended.ConfigureAwait(false);
            if (exited is not null && child.Exited.IsCompletedSuccessfully)
            {
                exited((await child.Exited.ConfigureAwait(false)).ToString());
            }

            run._inputFailure?.Throw();
            if (await run.FailureAsync().ConfigureAwait(false) is Exception failure)
            {
                throw failure;
            }
        }
        finally
        {
            run.RequestStop(StopReason.Abandoned);
            run._events.Complete();
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

    private StopReason Reason => (StopReason)Volatile.Read(ref _stopReason);

    // The first reason is the one that is reported; later ones are consequences.
    private void RequestStop(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _stopReason, (int)reason, (int)StopReason.None) == (int)StopReason.None)
        {
            _stopRequested.TrySetResult();
        }
    }

    private async Task SuperviseAsync()
    {
        Task output = PumpAsync();
        Task errors = DrainErrorsAsync();
        Task input = WriteInputAsync();
        Task lingering = EndAfterOutputAsync(output, _ended.Token);
        Task closing = Task.CompletedTask;
        try
        {
            await Task.WhenAny(_child.Exited, _stopRequested.Task).ConfigureAwait(false);
            await _inputEnded.CancelAsync().ConfigureAwait(false);
            if (!_child.Exited.IsCompleted)
            {
                await StopAsync().ConfigureAwait(false);
            }

            // However long the consumer takes for the rest: the CLI itself was in time.
            _clock.Dispose();
            _service.Dispose();
            _probe.Dispose();

            // Also after a regular end: what the agent has left running in the background would hold the pipes open and
            // outlive the run that is responsible for it.
            await _child.KillAsync().ConfigureAwait(false);

            // The consumer may be at work for a service, and take no event before that ends: it has to be ended from here.
            closing = _surroundings.CloseServicesAsync();
            await _pump.DrainAsync(output).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            await Task.WhenAny(Task.WhenAll(errors, input), Task.Delay(s_drainLimit)).ConfigureAwait(false);
            if (Reason == StopReason.StaysAfterOutput && _pump.Result is not null)
            {
                _events.WriteLast(AmpEvent.FromText(
                    AmpEventKind.Warning,
                    $"The Amp CLI returned its result but did not exit within {_plan.Options.ExitGracePeriod.TotalSeconds:0.#} s; it was stopped."));
            }

            if (_child.Suspects() is string suspects)
            {
                _events.WriteLast(AmpEvent.FromText(
                    AmpEventKind.Warning,
                    $"These processes may have been started by this run, but that is not certain: {suspects}. They were not stopped."));
            }
        }
        finally
        {
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
            // With nobody reading, the CLI would wait for ever.
            RequestStop(StopReason.ReadFailed);
            throw;
        }
    }

    private async Task DrainErrorsAsync()
    {
        // Never waits: a consumer that is slow must not keep the CLI from writing errors.
        StandardErrorLines lines = new(line =>
        {
            if (ServiceWords.TellLoss(line))
            {
                _service.NoteLoss();
            }

            string safe = _redactor.Redact(line);
            string shown = safe.Length <= StandardErrorLines.LongestShown ? safe : safe[..StandardErrorLines.LongestShown] + "…";
            _events.TryWrite(AmpEvent.FromText(AmpEventKind.StandardError, shown));
        });
        await _errors.DrainAsync(
            _child.Error,
            bytes =>
            {
                _clock.Touch();
                lines.Append(bytes.Span);
            }).ConfigureAwait(false);
        lines.Flush();
    }

    private async Task StopAsync()
    {
        _child.NoteDescendants();

        // In a login there is no run to bring to an end, and too long a line cannot be read to its end.
        if (Reason is not (StopReason.LoginStarted or StopReason.LineTooLong) && _child.Interrupt())
        {
            TimeSpan grace = _plan.Options.CancellationGracePeriod;
            await Task.WhenAny(_child.Exited, Task.Delay(grace)).ConfigureAwait(false);
            if (grace > TimeSpan.Zero && _child.Terminate())
            {
                await Task.WhenAny(_child.Exited, Task.Delay(grace < s_terminateGrace ? grace : s_terminateGrace)).ConfigureAwait(false);
            }
        }
    }

    // A result is the last message, and behind the end of the output no message can come: the CLI should be about to end.
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
            RequestStop(StopReason.StaysAfterOutput);
        }
    }

    private void MessageArrived(StreamMessage message)
    {
        _approvals.NoteMessage(message);
        _answers.NoteMessage(message);
        if (_budget?.Note(message, _parser.Step) == true)
        {
            RequestStop(StopReason.BudgetReached);
        }

        if (_bypass.NoteMessage(message))
        {
            RequestStop(StopReason.RulesBypassed);
        }

        bool isIdle = _plan.Input.HasTurns && message is AssistantMessage { EndsTurn: true };
        _service.NoteMessage(_parser.Unanswered, isIdle);
        _probe.NoteMessage(isIdle);
        if (message is ResultMessage result)
        {
            result.Approvals = ReadableList<ToolApproval>.Of(_approvals.Decisions);
            result.Redactor = _redactor;
            if (result is ErrorResultMessage failed && _place.NoteError(failed.Error) is string warning)
            {
                _pump.Warnings.Enqueue(warning);
            }

            result.ForcedOutcome = RunFailure.OutcomeOf(Reason, result, _bypass.Found is not null, _inputFailure?.SourceException, _answers.Outcome);

            // A turn that failed has no end of its own: what waits for it would wait for ever.
            _ = _plan.Input.HasTurns ? _inputEnded.CancelAsync() : null;

            // The CLI is about to end, and with it the servers that it has started.
            _child.NoteDescendants();
        }
        else if (_plan.Input.HasTurns && message is AssistantMessage { WaitsForUser: true })
        {
            _turns.Release();
        }
    }

    private void MessageGoesIn()
    {
        // The answer before may have reached the limit, and was let finish.
        if (_budget?.Refusal(_pump.ThreadId, "The next message was not sent to the agent.") is AmpBudgetException reached)
        {
            throw reached;
        }

        _service.NoteInput();
    }

    private void Decided(ToolApproval decision)
    {
        _bypass.NoteDecision(decision);
        _events.TryWrite(AmpEvent.FromApproval(decision));
    }

    private async Task WriteInputAsync()
    {
        Stream stream = _child.Input;
        try
        {
            await _plan.Input.WriteAsync(stream, _turns, _answers.Dialogue with { Said = MessageGoesIn }, _inputEnded.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException || _inputEnded.IsCancellationRequested)
        {
            // The CLI ended without reading it all. How it ended says why.
        }
        catch (Exception exception)
        {
            // Whoever was to say more to the agent failed: half a conversation must not pass for a whole one.
            _inputFailure = ExceptionDispatchInfo.Capture(exception);
            RequestStop(StopReason.InputFailed);
        }
        finally
        {
            try
            {
                // The CLI begins, and ends, when its input ends.
                await stream.DisposeAsync().ConfigureAwait(false);
            }
            catch (IOException)
            {
                // There is nobody left to tell.
            }
        }
    }

    private async Task<Exception?> FailureAsync()
    {
        ProcessExit? exit = _child.Exited.IsCompleted ? await _child.Exited.ConfigureAwait(false) : null;
        _bypass.NoteEnd();
        RunEnd end = new(
            Reason, exit, _pump.Result, _pump.LastMessage, _pump.ThreadId, _redactor.Redact(_errors.Text), _errors.IsTruncated)
        {
            Bypass = _bypass.Found,
            Budget = _budget,
        };
        Exception? failure = Reason == StopReason.LineTooLong ? _pump.TooLong : RunFailure.Of(end, _plan, _cancellationToken);
        bool wasDone = _pump.Result is { IsError: false } && Reason is not (StopReason.Abandoned or StopReason.InputFailed);
        return failure ?? (wasDone || Reason == StopReason.OutputInvalid ? _answers.Failure(_pump.ThreadId, _pump.Result) : null);
    }
}
