using Amp.Messages;
using Amp.Plans;
using Amp.Processes;
using Amp.Records;
using Amp.Services;
using Amp.Text;

namespace Amp.Execution;

/// <summary>
/// Records a run in its transcript: every event when it arrives, whatever the consumer reads of it, and every message to the agent. If the file cannot be
/// written anymore, there is one warning, and the run continues.
/// </summary>
internal sealed class RunRecorder : IDisposable
{
    private readonly object _lock = new();
    private readonly bool _isSession;
    private TranscriptWriter? _writer;
    private Func<string, bool>? _warn;
    private string? _untold;
    private TranscriptEnd? _end;
    private Exception? _endFailure;
    private string? _threadId;
    private bool _hasFailed;
    private bool _isClosed;

    private RunRecorder(bool isSession) => _isSession = isSession;

    /// <summary>Sets what gets the warning if the file cannot be written anymore. If it returns false, the next one gets the warning.</summary>
    public void WarnBy(Func<string, bool> warn)
    {
        lock (_lock)
        {
            _warn = warn;
            _untold = _untold is string text && !warn(text) ? text : null;
        }
    }

    /// <summary>Creates a recorder; null if the run is not recorded.</summary>
    /// <param name="plan">The plan of the run.</param>
    /// <param name="isSession">Whether the run is the process of a session.</param>
    public static RunRecorder? Of(RunPlan plan, bool isSession = false) => plan.Options.TranscriptPath is null ? null : new RunRecorder(isSession);

    /// <summary>Opens the transcript, or continues it for another try.</summary>
    /// <exception cref="AmpValidationException">The transcript cannot be written. Nothing was started.</exception>
    public void Begin(RunSurroundings surroundings)
    {
        if (_writer is not null)
        {
            Try(writer => writer.Hide(surroundings.Redactor));
            return;
        }

        _writer = Open(surroundings.Plan, surroundings.Toolbox.Tools, surroundings.Redactor);
    }

    /// <summary>Records events. They must be in the order of the stream.</summary>
    /// <param name="items">The events.</param>
    /// <param name="isIdle">Whether nothing more is waiting to be read.</param>
    public void Note(ReadOnlySpan<AmpEvent> items, bool isIdle)
    {
        if (!IsWriting)
        {
            return;
        }

        // Nothing is created for a message: there can be very many.
        try
        {
            foreach (ref readonly AmpEvent item in items)
            {
                Write(_writer!, item);
            }

            if (isIdle)
            {
                _writer!.Idle();
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    /// <summary>Records an event. Lines of standard error are recorded together at the end.</summary>
    public void Note(in AmpEvent item) => Note([item], isIdle: false);

    /// <summary>Another try is to follow: the end so far was that of the previous one.</summary>
    public void DropEnd() => _end = null;

    /// <summary>Records a message to the agent.</summary>
    public void NoteInput(string text) => Try(writer => writer.WriteInput(text));

    /// <summary>
    /// Takes a step of a planned run before the CLI has started. A failure is the end of the run and is recorded. A call that is refused before its plan is
    /// complete has no record, such as for a budget that is used up; its error says so.
    /// </summary>
    /// <param name="recorder">The recorder; null if the run is not recorded.</param>
    /// <param name="plan">The plan of the run, as far as it is known.</param>
    /// <param name="step">The step.</param>
    public static async Task<T> BeforeStartAsync<T>(RunRecorder? recorder, RunPlan plan, Func<Task<T>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            recorder?.NoteNotStarted(plan, failure);
            throw;
        }
    }

    /// <summary>Keeps how the run ended, which a retry may replace.</summary>
    /// <param name="exited">How the CLI ended.</param>
    /// <param name="output">The output of the run.</param>
    /// <param name="failure">The failure that the consumer gets; null for none, or if it has left.</param>
    /// <param name="standardError">The end of the CLI's standard error, without secrets.</param>
    public void NoteEnd(Task<ProcessExit> exited, OutputPump output, Exception? failure, string standardError) => NoteEnd(
        exited.IsCompletedSuccessfully ? exited.Result : null,
        output.Result,
        failure ?? (output.Result is null ? new AmpCanceledException(CancellationToken.None) : null),
        output.ThreadId,
        standardError);

    private void NoteEnd(ProcessExit? exit, ResultMessage? result, Exception? failure, string? threadId, string standardError)
    {
        string? errorId = failure switch
        {
            AmpException known => known.ErrorId,
            OperationCanceledException => AmpErrorId.Canceled,
            not null => AmpErrorId.CliFailed,
            null when result is ErrorResultMessage error => new AmpAgentException(error).ErrorId,
            _ => null,
        };
        _endFailure = failure;
        _threadId = threadId ?? _threadId;
        _end = new TranscriptEnd
        {
            // A run can fail after its result.
            Outcome = result?.Outcome is ResultOutcome outcome && (failure is null || outcome != ResultOutcome.Succeeded)
                ? outcome
                : FailedResult.OutcomeOf(errorId ?? AmpErrorId.CliFailed),
            ThreadId = _threadId,
            ExitCode = exit?.ExitCode,
            Signal = exit?.Signal,
            ErrorId = errorId,
            Error = failure?.Message ?? (result as ErrorResultMessage)?.Error,
            StandardError = standardError,
        };
    }

    /// <summary>Writes the end of a run with tries, and closes the transcript.</summary>
    /// <param name="failure">The failure of the run, also if it occurred between its tries; null for none.</param>
    /// <returns>The warning that nobody has got; null for none.</returns>
    public string? Close(Exception? failure)
    {
        if (failure is not null && !ReferenceEquals(failure, _endFailure))
        {
            NoteEnd(exit: null, result: null, failure, (failure as AmpException)?.ThreadId, string.Empty);
        }

        Dispose();
        return Interlocked.Exchange(ref _untold, null);
    }

    /// <summary>Writes the end of the run, if it was started, and closes the transcript.</summary>
    public void Dispose()
    {
        if (_writer is null || _isClosed)
        {
            return;
        }

        _isClosed = true;
        if (_end is null)
        {
            // Its consumer has left, before the CLI started or between two tries.
            NoteEnd(exit: null, result: null, new AmpCanceledException(CancellationToken.None), threadId: null, string.Empty);
        }

        TranscriptEnd end = _end! with { Duration = DateTimeOffset.UtcNow - _writer.Run.StartTime!.Value };
        Try(writer => writer.WriteEnd(end));
        if (_hasFailed)
        {
            EndAfterFailure(end);
        }

        _writer.Dispose();
    }

    private TranscriptWriter Open(RunPlan plan, IReadOnlyList<string> toolboxTools, SecretRedactor redactor)
    {
        AmpOptions options = plan.Options;
        return TranscriptWriter.Open(
            options.TranscriptPath!,
            new TranscriptRun
            {
                IsSession = _isSession,
                CliVersion = plan.Cli?.Version,
                AgentHost = plan.Transport.HostName,
                WorkingDirectory = plan.WorkingDirectory,
                Prompt = plan.Input.Text,
                Title = options.Title,
                Labels = options.Labels ?? [],
                Options = RecordedOptions.Of(options, options.TranscriptContent),
                Content = options.TranscriptContent,
                ToolboxTools = toolboxTools,
            },
            redactor);
    }

    private void NoteNotStarted(RunPlan plan, Exception failure)
    {
        try
        {
            _writer ??= Open(plan, [], plan.Redactor(RunContribution.Nothing));
        }
        catch (Exception)
        {
            // The caller gets the failure of the run, not that of its record.
            return;
        }

        NoteEnd(exit: null, result: null, failure, (failure as AmpException)?.ThreadId, string.Empty);
    }

    private bool IsWriting => _writer is not null && !Volatile.Read(ref _hasFailed);

    private static void Write(TranscriptWriter writer, in AmpEvent item)
    {
        switch (item.Kind)
        {
            case AmpEventKind.Message:
                writer.Write(item.Message!, item.Message!.Denied);
                break;
            case AmpEventKind.OutputText:
                writer.WriteOutputText(item.Text!);
                break;
            case AmpEventKind.InvalidLine:
                writer.WriteInvalidLine(item.Error!);
                break;
            case AmpEventKind.Approval:
                writer.WriteApproval(item.Approval!);
                break;
            case AmpEventKind.Retry:
                writer.WriteRetry(item.Retry!);
                break;
            case AmpEventKind.Warning:
                writer.WriteWarning(item.Text!);
                break;
        }
    }

    // The disk may have room again, and a run without an end would count as killed.
    private void EndAfterFailure(TranscriptEnd end)
    {
        try
        {
            _writer!.WriteEndAfterFailure(end);
        }
        catch (Exception)
        {
            // It was told already that the file cannot be written.
        }
    }

    private void Try(Action<TranscriptWriter> write)
    {
        if (!IsWriting)
        {
            return;
        }

        try
        {
            write(_writer!);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    // Whatever is wrong with the record, the run goes on.
    private void Fail(Exception exception)
    {
        lock (_lock)
        {
            if (_hasFailed)
            {
                return;
            }

            _hasFailed = true;
            string text = $"The transcript '{_writer!.Run.Path}' cannot be written anymore: {exception.Message} The run continues without it.";
            _untold = _warn?.Invoke(text) == true ? null : text;
        }
    }
}
