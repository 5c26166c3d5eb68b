using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>Writes what runs of a fleet report, from their beginning to their end: those of a cmdlet all to its streams, each of a job to its own.</summary>
internal sealed class TaskWriter
{
    private readonly IRunStreams _streams;

    public TaskWriter(IRunStreams streams) => _streams = streams;

    /// <summary>Whether only the results are written, one for each run.</summary>
    public bool ResultOnly { get; init; }

    /// <summary>Whether only the objects of the answers in the shape of a schema are written.</summary>
    public bool OutputOnly { get; init; }

    /// <summary>What the runspace of the caller keeps.</summary>
    public RunspaceState State { get; init; } = RunspaceState.Current;

    /// <summary>Whether the caller goes on meanwhile.</summary>
    public bool IsInBackground { get; init; }

    /// <summary>What a run has failed by; null where it ended well or was stopped.</summary>
    public static AmpException? FailureOf(FleetTask task, FleetRun run) => run.Failure switch
    {
        null or AmpCanceledException => null,

        // Its event has become an error, and the result counts, as in a single run.
        AmpJsonException line when line == run.InvalidLine => null,
        AmpException known => task.Named(known),
        Exception other => new AmpProcessException(other.Message, AmpErrorId.CliFailed, innerException: other),
    };

    /// <summary>A run begins.</summary>
    public void Begin(FleetTask task, RunPlan plan, RunProgress? progress)
    {
        task.Plan = plan;
        task.Progress = progress;
        task.Writer = new RunWriter(_streams, plan, progress)
        {
            ResultOnly = ResultOnly,
            OutputOnly = OutputOnly,
            Options = task.Options,
            ContinuesLatest = task.Options!.ContinueLatestThread,
            AskedThread = task.IsMarked ? null : task.Options.ThreadId,
            Subject = task.IsMarked ? $"Run {task.Number}: thread" : "Thread",
            Mark = message => task.Mark(message, null, withErrorId: false),
            ErrorTarget = task.ErrorTarget,
            State = State,
            IsInBackground = IsInBackground,
        };
    }

    /// <summary>A run has reported something.</summary>
    public void Write(FleetTask task, in AmpEvent item)
    {
        _streams.Redact = task.Plan!.Redact;
        task.Writer!.Write(item);
    }

    /// <summary>A run has ended, perhaps before it began.</summary>
    public void End(FleetTask task, FleetRun run)
    {
        AmpException? failure = FailureOf(task, run);
        bool isCanceled = run.Failure is AmpCanceledException;
        ResultMessage? answer = ResultOnly ? run.Result ?? (run.Failure is null || !task.IsMarked ? null : ErrorResultMessage.FromFailure(run.Failure, run.ThreadId)) : null;
        if (answer is not null)
        {
            _streams.WriteObject(task.Mark(RunWriter.AsAnswer(answer), isCanceled ? AmpErrorId.Canceled : failure?.ErrorId));
        }

        if (task.Writer is not null)
        {
            _streams.Redact = task.Plan!.Redact;
            task.Writer.WriteEnd(failure is AmpAgentException && run.Result is ErrorResultMessage ? null : failure, isCanceled);
        }
        else if (failure is not null)
        {
            WriteError(task, failure);
        }
    }

    /// <summary>A run was stopped before it was handed in: as the end of one that was stopped later, which has a row and no error.</summary>
    public void StopBefore(FleetTask task)
    {
        if (ResultOnly && task.IsMarked)
        {
            ErrorResultMessage answer = ErrorResultMessage.FromFailure(new AmpCanceledException(CancellationToken.None));
            _streams.WriteObject(task.Mark(RunWriter.AsAnswer(answer), AmpErrorId.Canceled));
        }
    }

    /// <summary>A run could not even be handed in.</summary>
    /// <returns>What it has failed by.</returns>
    public AmpException Refuse(FleetTask task, AmpException failure)
    {
        if (ResultOnly)
        {
            _streams.WriteObject(task.Mark(RunWriter.AsAnswer(ErrorResultMessage.FromFailure(failure)), failure.ErrorId));
        }

        failure = task.Named(failure);
        WriteError(task, failure);
        return failure;
    }

    private void WriteError(FleetTask task, AmpException failure) =>
        _streams.WriteError(task.ErrorTarget is object target ? AmpErrorRecord.About(target, failure) : AmpErrorRecord.Of(failure));
}
