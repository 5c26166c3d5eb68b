using System.Management.Automation;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>Writes a run to the pipeline of a cmdlet: messages as objects, everything else to its stream.</summary>
internal sealed class RunWriter : IDisposable
{
    private const int MostShown = 3;
    private const int MostToolNames = 500;

    private static readonly string[] s_toolTags = ["Amp", "AmpTool"];

    private readonly AmpCmdlet _cmdlet;
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
        _cmdlet = cmdlet;
        _plan = plan;
        cmdlet.Redact = plan.Redact;
        _progress = RunProgress.Of(cmdlet, plan);
        _showsInformation = !Preference.IsSilent(cmdlet, "InformationAction", "InformationPreference");
        _stream = new RunStream(cmdlet, events, calls, stop) { Progress = _progress };
        cmdlet.WriteVerbose($"Amp CLI {plan.Cli?.Version} ({plan.Program.Form}) at '{plan.Program.Path}'.");
    }

    /// <summary>Takes part in a run of which somebody else hands in the events, as of one of several that run at once.</summary>
    /// <param name="cmdlet">The cmdlet on whose thread everything is written.</param>
    /// <param name="plan">The run.</param>
    /// <param name="progress">The run's progress; null for none.</param>
    public RunWriter(AmpCmdlet cmdlet, RunPlan plan, RunProgress? progress)
    {
        _cmdlet = cmdlet;
        _plan = plan;
        _progress = progress;
        _showsInformation = !Preference.IsSilent(cmdlet, "InformationAction", "InformationPreference");
        cmdlet.Redact = plan.Redact;
        cmdlet.WriteVerbose($"Amp CLI {plan.Cli?.Version} ({plan.Program.Form}) at '{plan.Program.Path}'.");
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
            _cmdlet.WriteObject(AsAnswer(_result));
        }

        if (OutputOnly && _result?.OutputJson is not null)
        {
            _cmdlet.WriteObject(_result.Output, enumerateCollection: true);
        }

        // One error per run: the caller's own actions or the exit of the process come before the error of the result.
        AmpException? failure = broken ?? (_result is ErrorResultMessage failed && !isCanceled ? new AmpAgentException(failed) : null);
        if (isCanceled)
        {
            // A cancellation is intended and not an error. Scripts see it in Outcome.
            _cmdlet.WriteWarning($"{Subject} {_thread ?? "(none)"} was stopped before the agent had finished.");
        }
        else if (failure is not null)
        {
            // A run that ended before the CLI reported its thread is identified by the requested thread, or by its CLI.
            _cmdlet.WriteError(ErrorTarget is null
                ? AmpErrorRecord.Of(failure, AskedThread ?? _plan.Program.Path)
                : AmpErrorRecord.About(ErrorTarget, failure));
        }
        else if (_result is not null && Doubt(_result) is string doubt)
        {
            _cmdlet.WriteWarning(_plan.Redact(doubt));
        }

        _cmdlet.WriteVerbose($"{Subject} {_thread ?? "(none)"} ended{(failure is null ? "." : $" with {failure.ErrorId}.")}");
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
                _cmdlet.WriteWarning("The Amp CLI returned more than one result for the run; the last one is used.");
            }

            _result = result;
        }

        if (message is SystemMessage)
        {
            RunspaceState.Current.Seen.Note(message);
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
                _cmdlet.WriteObject(answer.Output, enumerateCollection: true);
            }
        }
        else if (!ResultOnly)
        {
            _cmdlet.WriteObject(Marked(message));
        }
        else if (EndsTurnOfSession && message is AssistantMessage { EndsTurn: true })
        {
            _cmdlet.WriteObject(message);
        }
    }

    private object Marked(object written) => Mark is null ? written : Mark(written);

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

            _cmdlet.WriteInformation(new ToolCall(message, i, _plan, safe, _showsInformation), s_toolTags);
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
            _cmdlet.WriteWarning(
                $"No thread was used in this PowerShell session yet. The CLI's latest thread, {thread}, is continued; another program may have started it.");
        }

        RunspaceState.Current.NoteRun(thread);
        RunspaceState.Current.Seen.NoteThread(thread, Options?.Title, null);
        RunspaceState.Current.Seen.NoteLabels(Options?.Labels);
        _cmdlet.WriteVerbose($"Thread {thread} in '{_plan.WorkingDirectory}'.");
    }

    private void Report(in AmpEvent item)
    {
        switch (item.Kind)
        {
            case AmpEventKind.Started:
                _cmdlet.WriteVerbose($"The Amp CLI has started: {item.Start}.");
                break;
            case AmpEventKind.Exited:
                _cmdlet.WriteVerbose($"The Amp CLI has exited: {item.Exit}.");
                break;
            case AmpEventKind.OutputText:
                _cmdlet.WriteWarning($"The Amp CLI wrote text that is not a message: {item.Text}");
                break;
            case AmpEventKind.InvalidLine:
                _cmdlet.WriteError(AmpErrorRecord.Of(item.Error!));
                break;
            case AmpEventKind.StandardError:
                _cmdlet.WriteVerbose($"Amp CLI: {item.Text}");
                break;
            case AmpEventKind.Retry:
                _cmdlet.WriteVerbose($"{item.Retry}");
                break;
            case AmpEventKind.Approval:
                _cmdlet.WriteVerbose($"{item.Approval}");
                break;
            case AmpEventKind.Waiting:
                _cmdlet.WriteVerbose(item.Text);
                _progress?.NoteWaiting();
                break;
            case AmpEventKind.Warning:
                _cmdlet.WriteWarning(CommandWords.Of(item.Text!));
                break;
        }
    }
}
