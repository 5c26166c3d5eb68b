using System.Management.Automation;
using System.Threading.Channels;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Runs what it is handed, so many at a time, and writes what the runs report to the pipeline of a cmdlet: everything on the pipeline thread, which
/// hands in the next only when there is room for it. So nothing waits here, however much is piped in.
/// </summary>
internal sealed class FleetWriter : IDisposable
{
    private readonly AmpCmdlet _cmdlet;
    private readonly int _limit;
    private readonly PipelineCalls _calls;
    private readonly CancellationToken _stopToken;
    private readonly CancellationTokenSource _leave;
    private readonly CancellationTokenRegistration _stop;
    private readonly Channel<FleetItem> _items = Channel.CreateUnbounded<FleetItem>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly IAsyncEnumerator<FleetEvent> _events;
    private readonly FleetProgress? _progress;
    private readonly Dictionary<string, int> _folders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _threads = new(StringComparer.Ordinal);
    private readonly RunspaceState.RunReader _reader = RunspaceState.Current.BeginReading();
    private Task<bool>? _next;
    private int _active;
    private bool _isWarned;

    /// <summary>Makes a fleet without runs.</summary>
    /// <param name="cmdlet">The cmdlet on whose thread everything is written.</param>
    /// <param name="limit">How many runs are at work at a time.</param>
    /// <param name="calls">What the runs ask for on the pipeline thread; closed with this.</param>
    /// <param name="stop">Cancelled when the pipeline is stopped.</param>
    public FleetWriter(AmpCmdlet cmdlet, int limit, PipelineCalls calls, CancellationToken stop)
    {
        _cmdlet = cmdlet;
        _limit = limit;
        _calls = calls;
        _stopToken = stop;
        _leave = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _stop = stop.UnsafeRegister(static state => ((PipelineCalls)state!).Close(), calls);
        _events = AmpFleet.StreamAsync(_items.Reader.ReadAllAsync(CancellationToken.None), limit, _leave.Token).GetAsyncEnumerator(CancellationToken.None);
        _progress = FleetProgress.Of(cmdlet);
    }

    /// <summary>Whether only the results are written, one for each run.</summary>
    public bool ResultOnly { get; init; }

    /// <summary>Whether only the objects of the answers in the shape of a schema are written.</summary>
    public bool OutputOnly { get; init; }

    /// <summary>Starts a run, and writes what the runs report until there is room for another one.</summary>
    public void Add(FleetTask task, RunPlan preview)
    {
        if (task.Options!.ThreadId is string thread && !_threads.Add(thread))
        {
            Refuse(task, new AmpValidationException(
                $"Another active run continues the thread '{thread}'.", nameof(AmpOptions.ThreadId), "Give each row a thread of its own, or omit -ThrottleLimit.", thread));
            return;
        }

        _active++;
        _items.Writer.TryWrite(new FleetItem(task.Prompt, task.Options) { Name = task.ToString(), Tag = task, Preview = preview });
        WriteWhile(() => _active >= _limit);
    }

    /// <summary>Writes that a run could not even be handed in.</summary>
    public void Refuse(FleetTask task, AmpException failure)
    {
        if (ResultOnly)
        {
            _cmdlet.WriteObject(task.Mark(RunWriter.AsAnswer(ErrorResultMessage.FromFailure(failure)), failure.ErrorId));
        }

        _progress?.End(null, isFailed: true);
        _cmdlet.WriteError(AmpErrorRecord.About(task.Prompt, task.Named(failure)));
        WriteWhile(() => false);
    }

    /// <summary>Writes everything that is still to come.</summary>
    public void WriteRest()
    {
        _items.Writer.TryComplete();
        WriteWhile(() => true);
    }

    /// <summary>Ends all runs and all that they started, whatever brought us here.</summary>
    public void Dispose()
    {
        // First: the end of a run waits for what was asked for on this thread.
        _calls.Close();
        _stop.Dispose();
        _items.Writer.TryComplete();
        try
        {
            _leave.Cancel();

            // An enumerator that is at work cannot be disposed of. What it was at work for is known, or of no interest any more.
            Task.WhenAny(_next ?? Task.CompletedTask).GetAwaiter().GetResult();
            _events.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            _reader.Dispose();
            _leave.Dispose();
            _progress?.Complete();
        }
    }

    // What has come is written in any case, so that a source that is slow holds nothing back longer than it must.
    private void WriteWhile(Func<bool> waits)
    {
        while (_active > 0 || waits())
        {
            if (_next is null)
            {
                using IDisposable? callback = _reader.Enter();
                ValueTask<bool> next = _events.MoveNextAsync();
                _next = next.IsCompletedSuccessfully ? null : next.AsTask();
                if (_next is null)
                {
                    if (!next.Result)
                    {
                        return;
                    }

                    Write(_events.Current);
                    continue;
                }
            }

            if (!_next.IsCompleted && !waits())
            {
                // The next object may take its time, and a run must not wait for it.
                _calls.Serve(_cmdlet);
                return;
            }

            if (!WaitForNext())
            {
                return;
            }

            Write(_events.Current);
        }
    }

    private bool WaitForNext()
    {
        // Only what the SDK throws is caught, and nothing is written inside: an error of a downstream cmdlet must pass.
        try
        {
            bool more = _calls.Wait(_cmdlet, new ValueTask<bool>(_next!), _progress);
            _next = null;
            return more;
        }
        catch (AmpCanceledException) when (_stopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private void Write(in FleetEvent item)
    {
        FleetTask task = (FleetTask)item.Run.Item.Tag!;
        switch (item.Kind)
        {
            case FleetEventKind.Started:
                Begin(task, item.Run.Plan!);
                break;
            case FleetEventKind.Reported:
                _cmdlet.Redact = task.Redact!;
                task.Writer!.Write(item.Event);
                _progress?.Update();
                _calls.Serve(_cmdlet);
                break;
            case FleetEventKind.Ended:
                End(task, item.Run);
                break;
        }
    }

    private void Begin(FleetTask task, RunPlan plan)
    {
        task.Redact = plan.Redact;
        task.Folder = plan.WorkingDirectory;
        task.Progress = _progress?.Begin(plan, task.Number, task.Prompt);
        task.Writer = new RunWriter(_cmdlet, plan, task.Progress)
        {
            ResultOnly = ResultOnly,
            OutputOnly = OutputOnly,
            Options = task.Options,
            ContinuesLatest = task.Options!.ContinueLatestThread,
            Subject = $"Run {task.Number}: thread",
            Mark = message => task.Mark(message, null, withErrorId: false),
            ErrorTarget = task.Prompt,
        };
        int here = _folders.GetValueOrDefault(task.Folder) + 1;
        _folders[task.Folder] = here;
        if (here > 1 && !_isWarned)
        {
            _isWarned = true;
            _cmdlet.WriteWarning(
                $"Several runs work in '{task.Folder}' at the same time and can overwrite each other's changes. If they change files, give each run a folder "
                + "of its own in the WorkingDirectory property of the piped object.");
        }
    }

    private void End(FleetTask task, FleetRun run)
    {
        _active--;
        if (task.Folder is not null && --_folders[task.Folder] == 0)
        {
            _folders.Remove(task.Folder);
        }

        if (task.Options?.ThreadId is string thread)
        {
            _threads.Remove(thread);
        }

        bool isCanceled = run.Failure is AmpCanceledException;
        AmpException? failure = run.Failure switch
        {
            null or AmpCanceledException => null,
            AmpException known => task.Named(known),
            Exception other => new AmpProcessException(other.Message, AmpErrorId.CliFailed, innerException: other),
        };
        _progress?.End(task.Progress, run.Failure is not null);
        if (_stopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }

        ResultMessage? answer = ResultOnly ? run.Result ?? (run.Failure is null ? null : ErrorResultMessage.FromFailure(run.Failure, run.ThreadId)) : null;
        if (answer is not null)
        {
            _cmdlet.WriteObject(task.Mark(RunWriter.AsAnswer(answer), isCanceled ? AmpErrorId.Canceled : failure?.ErrorId));
        }

        if (task.Writer is not null)
        {
            _cmdlet.Redact = task.Redact!;
            task.Writer.WriteEnd(failure is AmpAgentException && run.Result is ErrorResultMessage ? null : failure, isCanceled);
        }
        else if (failure is not null)
        {
            _cmdlet.WriteError(AmpErrorRecord.About(task.Prompt, failure));
        }
    }
}

/// <summary>One run of several: what tells it from the others, and how far it is.</summary>
internal sealed class FleetTask
{
    /// <summary>Its place among what was piped in, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>What the agent is to do.</summary>
    public required string Prompt { get; init; }

    /// <summary>Whether it was piped in as an object with a prompt, so that errors name its row.</summary>
    public bool IsRow { get; init; }

    /// <summary>What it is given.</summary>
    public AmpOptions? Options { get; set; }

    /// <summary>Its folder; null before it has begun.</summary>
    public string? Folder { get; set; }

    /// <summary>Takes its secrets out of texts; null before it has begun.</summary>
    public Func<string, string>? Redact { get; set; }

    /// <summary>Its progress; null for none.</summary>
    public RunProgress? Progress { get; set; }

    /// <summary>Writes what it reports; null before it has begun.</summary>
    public RunWriter? Writer { get; set; }

    /// <summary>A message of the run with what tells it from those of others; of a result also with what it failed by.</summary>
    public PSObject Mark(object written, string? errorId, bool withErrorId = true)
    {
        PSObject marked = written as PSObject ?? new PSObject(written);
        marked.Properties.Add(new PSNoteProperty("RunId", Number), preValidated: true);
        marked.Properties.Add(new PSNoteProperty("Prompt", Prompt), preValidated: true);
        if (withErrorId)
        {
            marked.Properties.Add(new PSNoteProperty("ErrorId", errorId), preValidated: true);
        }

        return marked;
    }

    /// <summary>An error about something that was given, with the row that it stands in.</summary>
    public AmpException Named(AmpException failure) => IsRow && failure is AmpValidationException invalid
        ? new AmpValidationException($"Row {Number}: {invalid.Message}", invalid.OptionName, invalid.RecommendedAction, invalid.Value, invalid.ErrorId)
        : failure;

    /// <summary>What the run is called.</summary>
    public override string ToString() => $"Run {Number}";
}
