using Amp.Cli;
using Amp.Options;
using Amp.Sessions;
using Amp.Throttling;

namespace Amp;

/// <content>How turns and processes come and go. Everything that changes does so under the lock; nothing is waited for under it.</content>
public sealed partial class AmpSession
{
    private SessionTurn Begin(UserInputMessage message, bool isKept, bool isInFleet = false, CancellationToken cancellationToken = default)
    {
        CliChoice.CheckImages(message, Plan.Cli);

        // The budget may have to be read from its file.
        AmpBudgetException? reached = RunBudgets.Refusal(_options, ThreadId, "The message was not sent.");
        lock (_lock)
        {
            RefuseUnlessReady();
            if (reached is not null)
            {
                throw reached;
            }

            _turn = new SessionTurn(_options, isKept, () => _process?.Clock, (turn, stop) => BreakOff(turn, stop))
            {
                Message = message,
                Token = cancellationToken,
                Place = RunGate.Shared.Ask(isInFleet),
            };
            DeliverKept(_turn);
            if (isKept)
            {
                _kept.Enqueue(_turn);
            }

            if (_turn.Place.IsGranted)
            {
                Start(_turn);
            }
            else
            {
                _turn.Deliver(AmpEvent.FromText(AmpEventKind.Waiting, _turn.Place.Waiting()));
                _ = StartWhenPlacedAsync(_turn);
            }

            return _turn;
        }
    }

    // What the process has reported between two turns, also while this one waited for its place.
    private void DeliverKept(SessionTurn turn)
    {
        while (_betweenTurns.TryDequeue(out AmpEvent item))
        {
            turn.Deliver(item);
        }

        if (_droppedBetweenTurns > 0)
        {
            turn.Deliver(AmpEvent.FromText(
                AmpEventKind.Warning,
                $"{_droppedBetweenTurns} lines and messages between two turns were dropped; {MostBetweenTurns} are kept."));
            _droppedBetweenTurns = 0;
        }
    }

    private void Start(SessionTurn turn)
    {
        DeliverKept(turn);
        turn.Start();
        Say(turn);
    }

    /// <summary>Whether a turn waits for its place among the runs of this process.</summary>
    internal bool IsWaiting
    {
        get
        {
            lock (_lock)
            {
                return _turn is { IsStarted: false };
            }
        }
    }

    private void Say(SessionTurn turn)
    {
        // The time limits of the turn are for the CLI, so they do not begin before it has started.
        _process ??= StartProcess();
        if (_process.IsRunning)
        {
            turn.StartClock();
        }

        _process.Say(turn.Message);
    }

    private async Task StartWhenPlacedAsync(SessionTurn turn)
    {
        await turn.Place.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        lock (_lock)
        {
            // Broken off meanwhile, it has given its place back.
            if (_turn != turn)
            {
                return;
            }

            if (_failure is null)
            {
                Start(turn);
                return;
            }

            _turn = null;
        }

        turn.Complete(SessionFailure.Died(this, _failure));
    }

    private void RefuseUnlessReady()
    {
        if (_failure is not null)
        {
            throw SessionFailure.Died(this, _failure);
        }

        if (_isEnding)
        {
            throw SessionFailure.Ended(this);
        }

        if (_turn is not null)
        {
            throw SessionFailure.Busy(this);
        }
    }

    private SessionProcess StartProcess()
    {
        SessionExit.Watch(this);
        SessionProcess process = _prepared ?? new SessionProcess();
        RunPlan? plan = _prepared is null ? null : Plan;
        _prepared = null;
        AmpOptions options = ThreadId is null ? _options : _options with
        {
            ThreadId = ThreadId,
            ContinueLatestThread = false,

            // These options apply only to new threads.
            Visibility = null,
            Title = null,
            Executor = null,
        };
        process.Start(
            token => plan is null ? process.PlanAsync(options, token) : Task.FromResult(plan),
            IsLate,
            () => CliChanged(process),
            ArrivedAsync,
            failure => ProcessEnded(process, failure));
        return process;
    }

    private void CliChanged(SessionProcess process)
    {
        lock (_lock)
        {
            if (_turn is not { IsStarted: true } turn)
            {
                return;
            }

            if (process.IsRunning)
            {
                turn.StartClock();
            }
            else
            {
                turn.StopClock();
            }
        }
    }

    private async ValueTask ArrivedAsync(AmpEvent item)
    {
        SessionTurn? turn;
        bool endsTurn;
        lock (_lock)
        {
            Note(item);
            turn = _turn is { IsStarted: true } ? _turn : null;
            endsTurn = turn is { Stop: TurnStop.None } && item.Message is AssistantMessage { EndsTurn: true };
            if (endsTurn)
            {
                _turn = null;
                TurnCount++;
            }

            if (turn is null)
            {
                KeepForNextTurn(item);
                return;
            }
        }

        if (endsTurn)
        {
            turn.Deliver(item);
            turn.Complete((item.Message as AssistantMessage)?.End?.Failure);
        }
        else
        {
            await turn.DeliverAsync(item).ConfigureAwait(false);
        }
    }

    private void Note(in AmpEvent item)
    {
        ThreadId ??= item.Message?.SessionId;
        _turn?.NoteError((item.Message as ErrorResultMessage)?.Error);
        if (item.Message is AssistantMessage answer)
        {
            _steps.Add(answer);
        }
    }

    private bool IsLate()
    {
        lock (_lock)
        {
            return _turn?.Stop is TurnStop.Timeout or TurnStop.IdleTimeout;
        }
    }

    private void KeepForNextTurn(in AmpEvent item)
    {
        // The end of a process determines how its result is reported.
        if (_isEnding || item.Message is ResultMessage)
        {
            return;
        }

        if (_betweenTurns.Count < MostBetweenTurns)
        {
            _betweenTurns.Enqueue(item);
        }
        else
        {
            _droppedBetweenTurns++;
        }
    }

    // Returns when the process has exited, or at once if the turn has already ended.
    private Task BreakOff(SessionTurn turn, TurnStop reason)
    {
        SessionProcess process;
        bool isStarted;
        lock (_lock)
        {
            if (_turn != turn)
            {
                return Task.CompletedTask;
            }

            turn.NoteStop(reason);
            isStarted = turn.IsStarted;
            process = _process!;
            _turn = isStarted ? _turn : null;
        }

        if (!isStarted)
        {
            turn.Complete(SessionFailure.BrokenOff(this, turn, _options));
            return Task.CompletedTask;
        }

        process.Stop();
        return process.Ended;
    }

    private SessionProcess? BeginEnd(out SessionTurn? turn)
    {
        lock (_lock)
        {
            _isEnding = true;
            _prepared?.Dispose();
            _prepared = null;
            turn = _turn;
            turn?.NoteStop(TurnStop.Stopped);
            if (turn is { IsStarted: false })
            {
                turn.Complete(SessionFailure.BrokenOff(this, turn, _options));
                _turn = turn = null;
            }

            return _process;
        }
    }

    private void ProcessEnded(SessionProcess process, Exception? failure)
    {
        SessionTurn? turn;
        lock (_lock)
        {
            // A turn that waits for its place has not said anything yet, and starts another process.
            turn = _turn is { IsStarted: true } ? _turn : null;
            _process = null;
            Result = process.Result ?? Result;
            turn?.NoteError(CliFailure.RefusalOf(failure));
            failure = WhatTurnIsTold(process, turn, failure);
            if (turn is { HasResult: false } && failure is null)
            {
                // The CLI had given its result before the message was sent, so it has not read it.
                Say(turn);
                return;
            }

            _turn = turn is null ? _turn : null;
        }

        turn?.Complete(failure);
    }

    private Exception? WhatTurnIsTold(SessionProcess process, SessionTurn? turn, Exception? failure)
    {
        if (turn is { Stop: not TurnStop.None })
        {
            return SessionFailure.BrokenOff(this, turn, _options);
        }

        if (failure is AmpBudgetException or AmpValidationException && !_isEnding)
        {
            // Only this message is refused, for a limit or because the CLI of a host does not accept its images. The next one continues in a new
            // process, and is refused again as long as the limit is reached.
            return failure;
        }

        if (_isEnding)
        {
            _endFailure = failure is OperationCanceledException ? null : failure;
            return null;
        }

        if (failure is not null && !process.HasStarted)
        {
            // Nothing was sent: the problem can be fixed before the next message.
            return failure;
        }

        if (failure is null && process.Result is ErrorResultMessage error && ThreadId is not null)
        {
            if (turn is not { HasResult: true })
            {
                AmpEvent warning = AmpEvent.FromText(
                    AmpEventKind.Warning,
                    $"The Amp CLI exited between two turns: {TerminalText.Strip(error.Error)} A new process of the CLI continues the thread.");
                if (turn is null)
                {
                    KeepForNextTurn(warning);
                }
                else
                {
                    turn.Deliver(warning);
                }
            }

            return null;
        }

        _failure = failure ?? SessionFailure.EndedByItself(this);
        return _failure;
    }

    private SessionTurn? NextKept(bool throwIfDead)
    {
        lock (_lock)
        {
            return _kept.TryPeek(out SessionTurn? turn) ? turn
                : throwIfDead && _failure is not null ? throw SessionFailure.Died(this, _failure)
                : null;
        }
    }

    private void Forget(SessionTurn turn)
    {
        lock (_lock)
        {
            if (_kept.TryPeek(out SessionTurn? first) && first == turn)
            {
                _kept.Dequeue();
            }
        }
    }
}
