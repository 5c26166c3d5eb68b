using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Jobs;

/// <summary>The runs of a job: collected first, then done, so many at a time and in their order.</summary>
internal sealed class JobRuns : IFleetTarget
{
    private readonly List<JobRun> _runs = [];
    private readonly FleetPlaces _places = new();
    private readonly RunspaceState _state = RunspaceState.Current;

    /// <summary>The maximum number of concurrent runs.</summary>
    public required int Limit { get; init; }

    /// <summary>Whether only the results are written, one for each run.</summary>
    public bool ResultOnly { get; init; }

    /// <summary>Whether only the objects of the answers in the shape of a schema are written.</summary>
    public bool OutputOnly { get; init; }

    /// <inheritdoc/>
    public void Add(FleetTask task, RunPlan preview) =>
        Add(task, run => new FleetItem(task.Prompt, task.Options) { Name = task.ToString(), Tag = run, StopToken = run.Job.StopToken }, null);

    /// <summary>Takes a run whose messages are the turns of a conversation.</summary>
    public void Add(FleetTask task, IReadOnlyList<UserInputMessage> messages, AmpOptions options) =>
        Add(task, run => new FleetItem(Each(messages), options) { Name = task.ToString(), Tag = run, StopToken = run.Job.StopToken }, null);

    /// <inheritdoc/>
    public void Refuse(FleetTask task, AmpException failure) => Add(task, null, failure);

    /// <summary>Creates the job; null if there is no run.</summary>
    /// <param name="command">What was called.</param>
    /// <param name="name">The name of the job; null for a name made from its number.</param>
    public AmpJob? ToJob(string command, string? name) =>
        _runs.Count == 0 ? null : new AmpJob(command, name, [.. _runs.Select(run => run.Job)], DoAsync, _state);

    private static async IAsyncEnumerable<UserInputMessage> Each(IReadOnlyList<UserInputMessage> messages)
    {
        foreach (UserInputMessage message in messages)
        {
            await Task.CompletedTask.ConfigureAwait(false);
            yield return message;
        }
    }

    private void Add(FleetTask task, Func<JobRun, FleetItem>? item, AmpException? refusal)
    {
        AmpChildJob job = new(TerminalText.WithoutSecrets(TerminalText.Strip(task.Prompt)), task.Number, task.HostName) { Prompt = task.Prompt.Length == 0 ? null : task.Prompt };
        JobRun run = new(job, task, new TaskWriter(job.Streams) { ResultOnly = ResultOnly, OutputOnly = OutputOnly, State = _state, IsInBackground = true })
        {
            Refusal = refusal,
        };
        task.Item = item?.Invoke(run);
        _runs.Add(run);
    }

    private async Task DoAsync(CancellationToken stop)
    {
        await foreach (FleetEvent item in AmpFleet.StreamAsync(Items(), Limit, stop).ConfigureAwait(false))
        {
            ((JobRun)item.Run.Item.Tag!).Take(item, _places);
        }
    }

    // Read as runs end. What cannot begin fails when it would have been its turn.
    private IEnumerable<FleetItem> Items()
    {
        foreach (JobRun run in _runs)
        {
            if (!run.Job.TryTake())
            {
                continue;
            }

            if ((run.Refusal ?? _places.TakeThread(run.Task)) is AmpException refusal)
            {
                run.Refuse(refusal);
                continue;
            }

            yield return run.Task.Item!;
        }
    }
}

/// <summary>A run of a job: what it is to do, and who is told about it.</summary>
internal sealed class JobRun
{
    private readonly TaskWriter _writer;

    public JobRun(AmpChildJob job, FleetTask task, TaskWriter writer)
    {
        Job = job;
        Task = task;
        _writer = writer;
        job.StoppedBefore = () => writer.StopBefore(task);
    }

    /// <summary>The child job.</summary>
    public AmpChildJob Job { get; }

    /// <summary>What tells the run from others.</summary>
    public FleetTask Task { get; }

    /// <summary>Why it cannot begin; null if it can.</summary>
    public AmpException? Refusal { get; init; }

    /// <summary>The run cannot begin.</summary>
    public void Refuse(AmpException refusal) => Job.End(_writer.Refuse(Task, refusal));

    /// <summary>Something has happened to the run.</summary>
    public void Take(in FleetEvent item, FleetPlaces places)
    {
        switch (item.Kind)
        {
            case FleetEventKind.Started:
                Job.Begin();
                RunPlan plan = item.Run.Plan!;
                _writer.Begin(Task, plan, RunProgress.Alone(Job.Streams, plan, Task.IsMarked ? FleetProgress.ActivityOf(plan, Task.Number, Task.Prompt) : FleetProgress.Activity));
                if (places.Enter(Task) is string warning)
                {
                    Job.Streams.WriteWarning(warning);
                }

                break;
            case FleetEventKind.Reported:
                Job.Note(item.Event, Task.Plan!);
                _writer.Write(Task, item.Event);
                break;
            case FleetEventKind.Ended:
                places.Leave(Task);
                Task.Progress?.Complete();
                _writer.End(Task, item.Run);
                Job.End(item.Run.Failure is AmpCanceledException canceled ? canceled : TaskWriter.FailureOf(Task, item.Run));
                break;
        }
    }
}
