using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>Writes a run to the streams of a cmdlet or a job: messages as objects, everything else to its stream.</summary>
internal sealed class RunWriter : IDisposable
{
    private const int MostShown = 3;
    private const int MostToolNames = 500;

    private static readonly string[] s_toolTags = ["Amp", "AmpTool"];

    private readonly IRunStreams _streams;
    private readonly RunPlan _plan;
    private readonly RunStream? _stream;
    private readonly RunProgress? _progress;
    private readonly Dictionary<string, string> _toolNames = new(StringComparer.Ordinal);
    private readonly bool _showsInformation;
    private string? _thread;
    private ResultMessage? _result;
    private int _turns;

    /// <summary>Starts a run.</summary>
    /// <param name="cmdlet">The cmdlet, on whose thread everything is written.</param>
    /// <param name="plan">The run.</param>
    /// <param name="calls">The requests of the run for the pipeline thread.</param>
    /// <param name="stop">Cancelled when the pipeline is stopped.</param>
    public RunWriter(AmpCmdlet cmdlet, RunPlan plan, PipelineCalls calls, CancellationToken stop)
        : this(cmdlet, plan, AmpClient.StreamAsync(plan, stop), calls, stop)
    {
    }

    /// <summary>Writes a run that does not belong to this cmdlet alone, such as that of a session.</summary>
    /// <param name="cmdlet">The cmdlet, on whose thread everything is written.</param>
    /// <param name="plan">The run.</param>
    /// <param name="events">The part of the run to write.</param>
    /// <param name="calls">The requests of the run for the pipeline thread.</param>
    /// <param name="stop">Cancelled when the pipeline is stopped.</param>
    public RunWriter(
        AmpCmdlet cmdlet, RunPlan plan, IAsyncEnumerable<AmpEvent> events, PipelineCalls calls, CancellationToken stop)
    {
        _streams = cmdlet;
        _plan = plan;
        cmdlet.Redact = plan.Redact;
        _progress = RunProgress.Of(cmdlet, plan);
        _showsInformation = _streams.ShowsInformation;

        // First, because it can throw: the stream is disposed of only together with this.
        WriteProgram();
        _stream = new RunStream(cmdlet, events, calls, stop) { Progress = _progress };
    }

    /// <summary>Takes part in a run of which somebody else hands in the events, as of one of several that run at once.</summary>
    /// <param name="streams">Where it is written.</param>
    /// <param name="plan">The run.</param>
    /// <param name="progress">The run's progress; null for none.</param>
    public RunWriter(IRunStreams streams, RunPlan plan, RunProgress? progress)
    {
        _streams = streams;
        _plan = plan;
        _progress = progress;
        _showsInformation = streams.ShowsInformation;
        streams.Redact = plan.Redact;
        WriteProgram();
    }

    /// <summary>Whether only the result is written.</summary>
    public bool ResultOnly { get; init; }

    /// <summary>Whether only the objects of a structured answer are written.</summary>
    public bool OutputOnly { get; init; }

    /// <summary>Whether a turn of a session is written, whose last message is the result.</summary>
    public bool EndsTurnOfSession { get; init; }

    /// <summary>The name for the run in messages, before the thread ID.</summary>
    public string Subject { get; init; } = "Thread";

    /// <summary>Whether the latest thread was requested instead of a particular one.</summary>
    public bool ContinuesLatest { get; init; }

    /// <summary>The options of the run; null if the run does not belong to this cmdlet alone.</summary>
    public AmpOptions? Options { get; init; }

    /// <summary>The thread that was requested by ID.</summary>
    public string? AskedThread { get; init; }

    /// <summary>
    /// Makes of a message what is written, for one of several runs; null to write them as they are. The result that stands for the whole run is then
    /// written by whoever hands in the events.
    /// </summary>
    public Func<object, object>? Mark { get; init; }

    /// <summary>What the runspace of the caller keeps.</summary>
    public RunspaceState State { get; init; } = RunspaceState.Current;

    /// <summary>Whether the caller goes on meanwhile, so that this is not the last run that it made.</summary>
    public bool IsInBackground { get; init; }

    /// <summary>The target of the run's error; null for what the failure names.</summary>
    public object? ErrorTarget { get; init; }

    /// <summary>Writes until the agent has completed this number of turns in total, or the run has ended.</summary>
    public void WriteTurns(int count)
    {
        while (_turns < count && _result is null && _stream!.Next(out AmpEvent item))
        {
            Write(item);
        }
    }

    /// <summary>Writes everything until the run ends, and then its failure.</summary>
    public void WriteRest()
    {
        while (_stream!.Next(out AmpEvent item))
        {
            Write(item);
        }

        WriteEnd(_stream.Failure, _stream.IsCanceled);
    }

    /// <summary>Writes what is written of a run that has ended, and what was wrong with it.</summary>
    /// <param name="broken">What was wrong beside the result; null for nothing.</param>
    /// <param name="isCanceled">Whether the run was stopped from elsewhere.</param>
    public void WriteEnd(AmpException? broken, bool isCanceled)
    {
        // Not earlier, because there may be another result, and a caller of -ResultOnly expects one.
        if (ResultOnly && _result is not null && Mark is null)
        {
            _streams.WriteObject(OfHost(AsAnswer(_result)));
        }

        if (OutputOnly && _result?.OutputJson is not null)
        {
            _streams.WriteObject(_result.Output, enumerateCollection: true);
        }

        // One error per run: the caller's own actions or the exit of the process come before the error of the result.
        AmpException? failure = broken ?? (_result is ErrorResultMessage failed && !isCanceled ? new AmpAgentException(failed) : null);
        if (isCanceled)
        {
            // A cancellation is intended and not an error. Scripts see it in Outcome.
            _streams.WriteWarning($"{Subject} {_thread ?? "(none)"} was stopped before the agent had finished.");
        }
        else if (failure is not null)
        {
            // A run that ended before the CLI reported its thread is identified by the requested thread, or by its CLI.
            _streams.WriteError(ErrorTarget is null
                ? AmpErrorRecord.Of(failure, AskedThread ?? _plan.Transport.HostName ?? _plan.Program.Path)
                : AmpErrorRecord.About(ErrorTarget, failure));
        }
        else if (_result is not null && Doubt(_result) is string doubt)
        {
            _streams.WriteWarning(_plan.Redact(doubt));
        }

        _streams.WriteVerbose($"{Subject} {_thread ?? "(none)"} ended{(failure is null ? "." : $" with {failure.ErrorId}.")}");
    }

    /// <summary>
    /// Stops the CLI and everything it started. This also runs after an exception from <c>WriteObject</c>, which is the only sign that the
    /// pipeline has ended early.
    /// </summary>
    public void Dispose()
    {
        try
        {
            _stream?.Dispose();
        }
        finally
        {
            _progress?.Complete();
        }
    }

    /// <summary>Writes one event of the run.</summary>
    public void Write(in AmpEvent item)
    {
        if (item.Message is not StreamMessage message)
        {
            Report(item);
            return;
        }

        if (message is ResultMessage result)
        {
            if (_result is not null)
            {
                _streams.WriteWarning("The Amp CLI returned more than one result for the run; the last one is used.");
            }

            _result = result;
        }

        if (message is SystemMessage or ResultMessage)
        {
            State.Seen.Note(message);
        }
        else if (message is AssistantMessage said)
        {
            _turns += said.EndsTurn ? 1 : 0;
            Tell(said);
        }

        if (_thread is null && message.SessionId is not null)
        {
            _thread = message.SessionId;
            ThreadIsKnown(_thread);
        }

        _progress?.Note(message);
        if (OutputOnly)
        {
            if (EndsTurnOfSession && message is AssistantMessage { EndsTurn: true, OutputJson: not null } answer)
            {
                _streams.WriteObject(answer.Output, enumerateCollection: true);
            }
        }
        else if (!ResultOnly)
        {
            _streams.WriteObject(Marked(message));
        }
        else if (EndsTurnOfSession && message is AssistantMessage { EndsTurn: true })
        {
            _streams.WriteObject(OfHost(message));
        }
    }

    private void WriteProgram() => _streams.WriteVerbose(_plan.Transport is { IsReplay: false, HostName: string host }
        ? $"The Amp CLI is searched for on host '{host}'."
        : $"Amp CLI {_plan.Cli?.Version} ({_plan.Program.Form}) at '{_plan.Program.Path}'.");

    private object OfHost(object written) => HostParameter.Mark(written, _plan.Transport.HostName);

    private object Marked(object written) => Mark is null ? OfHost(written) : Mark(written);

    // The message is not read for this: there can be as many calls as messages, and usually nobody listens.
    private void Tell(AssistantMessage message)
    {
        for (int i = 0; i < message.ToolNames.Count; i++)
        {
            string name = message.ToolNames[i];
            if (!_toolNames.TryGetValue(name, out string? safe))
            {
                safe = ToolCall.Safe(name, _plan);
                if (_toolNames.Count < MostToolNames)
                {
                    _toolNames.Add(name, safe);
                }
            }

            _streams.WriteInformation(new ToolCall(message, i, _plan, safe, _showsInformation), s_toolTags);
        }
    }

    // A run that the CLI reports as successful but that may be incomplete must get a warning.
    private static string? Doubt(ResultMessage result) => result.Outcome switch
    {
        ResultOutcome.Empty => $"The run succeeded, but the answer is empty. {LookAtThread(result)}",
        ResultOutcome.Truncated =>
            $"The run succeeded, but ended right after a tool call. Its work may be incomplete. {LookAtThread(result)}",
        ResultOutcome.Denied =>
            $"The agent continued although tools were denied: {Denied(result).TrimEnd('.')}. Allow them with -Permission, or get an error "
            + "with -FailOnDenial.",
        _ => null,
    };

    private static string LookAtThread(ResultMessage result) =>
        $"See its messages, then ask again or continue{(result.SessionId is string thread ? $" with -ThreadId {thread}" : string.Empty)}.";

    private static string Denied(ResultMessage result) => result.Denials.Count == 0
        ? "see PermissionDenials of the result"
        : TerminalText.Strip(string.Join("; ", result.Denials.Take(MostShown)))
            + (result.Denials.Count > MostShown ? $"; and {result.Denials.Count - MostShown} more" : string.Empty);

    // For -ResultOnly. Selects the view that includes the answer. Properties and type do not change.
    internal static PSObject AsAnswer(StreamMessage result)
    {
        PSObject answer = new(result);
        answer.TypeNames.Insert(0, "Amp.ResultMessage#Answer");
        return answer;
    }

    private void ThreadIsKnown(string thread)
    {
        if (ContinuesLatest)
        {
            _streams.WriteWarning(
                $"No thread has been used in this PowerShell session yet, so the CLI's latest thread, {thread}, is continued. Another program may have started it.");
        }

        if (!IsInBackground)
        {
            State.NoteRun(thread);
        }

        State.Seen.NoteThread(thread, Options?.Title, null);
        State.Seen.NoteLabels(Options?.Labels);
        _streams.WriteVerbose($"Thread {thread} in '{_plan.WorkingDirectory}'.");
    }

    private void Report(in AmpEvent item)
    {
        switch (item.Kind)
        {
            case AmpEventKind.Started:
                _streams.WriteVerbose(_plan.Transport is { IsReplay: false, HostName: string host }
                    ? $"The Amp CLI {item.Start!.CliVersion} at '{item.Start.CliPath}' has started on host '{host}', with ssh as {item.Start}."
                    : $"The Amp CLI has started: {item.Start}.");
                break;
            case AmpEventKind.Exited:
                _streams.WriteVerbose($"The Amp CLI has exited: {item.Exit}.");
                break;
            case AmpEventKind.OutputText:
                _streams.WriteWarning($"The Amp CLI wrote text that is not a message: {item.Text}");
                break;
            case AmpEventKind.InvalidLine:
                _streams.WriteError(ErrorTarget is null ? AmpErrorRecord.Of(item.Error!) : AmpErrorRecord.About(ErrorTarget, item.Error!));
                break;
            case AmpEventKind.StandardError:
                _streams.WriteVerbose($"Amp CLI: {item.Text}");
                break;
            case AmpEventKind.Retry:
                _streams.WriteVerbose($"{item.Retry}");
                break;
            case AmpEventKind.Approval:
                _streams.WriteVerbose($"{item.Approval}");
                break;
            case AmpEventKind.Waiting:
                _streams.WriteVerbose(item.Text);
                _progress?.NoteWaiting();
                break;
            case AmpEventKind.Warning:
                _streams.WriteWarning(CommandWords.Of(item.Text!));
                break;
        }
    }
}
