using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Amp;

namespace AgentQueue;

/// <summary>What a caller asks for.</summary>
/// <param name="Prompt">The task for the agent.</param>
/// <param name="ThreadId">The thread to continue, such as that of a canceled job; null for a new one.</param>
public sealed record JobRequest(string? Prompt, string? ThreadId = null);

/// <summary>The states of a job.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobState>))]
public enum JobState
{
    /// <summary>It waits.</summary>
    Waiting,

    /// <summary>An agent is at work.</summary>
    Running,

    /// <summary>There is an answer.</summary>
    Succeeded,

    /// <summary>There is an error.</summary>
    Failed,

    /// <summary>It was canceled by its caller, or because the service stopped. It can be continued with its thread, if it has one.</summary>
    Canceled,
}

/// <summary>A job. A real service keeps it in a database or a message broker; only <see cref="QueueWorker"/> changes it.</summary>
public sealed class Job : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();

    internal Job(JobRequest request) => Request = request;

    /// <summary>The ID.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>What the caller asked for.</summary>
    public JobRequest Request { get; }

    /// <summary>The state.</summary>
    public JobState State { get; private set; }

    /// <summary>The answer of the agent.</summary>
    public string? Answer { get; private set; }

    /// <summary>What the outcome of the run was.</summary>
    public string? Outcome { get; private set; }

    /// <summary>The error, as one of <see cref="AmpErrorId"/>, or the name of another exception.</summary>
    public string? ErrorId { get; private set; }

    /// <summary>The error in words.</summary>
    public string? Error { get; private set; }

    /// <summary>The thread.</summary>
    public string? ThreadId { get; private set; }

    internal ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

    internal CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Asks for the end of the job.</summary>
    public void RequestCancellation() => _cancellation.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _cancellation.Dispose();

    internal void Start() => State = JobState.Running;

    internal void Finish(ResultMessage result)
    {
        (Answer, Outcome, ThreadId) = (result.Result, result.Outcome.ToString(), result.SessionId);
        State = JobState.Succeeded;
    }

    internal void Fail(Exception exception)
    {
        (ErrorId, Error, ThreadId) = exception is AmpException known
            ? (known.ErrorId, known.Message, known.ThreadId)
            : (exception.GetType().Name, "The job failed. The log of the service has the reason.", Request.ThreadId);
        State = JobState.Failed;
    }

    internal void Cancel(string? threadId)
    {
        ThreadId = threadId ?? Request.ThreadId;
        State = JobState.Canceled;
    }
}

/// <summary>The jobs that wait, and all others that were asked for.</summary>
public sealed class JobStore(QueueSettings settings) : IDisposable
{
    private readonly Channel<Job> _waiting = Channel.CreateBounded<Job>(settings.Capacity);
    private readonly ConcurrentDictionary<Guid, Job> _jobs = new();

    /// <summary>Adds a job; null if the queue is full or closed.</summary>
    public Job? Add(JobRequest request)
    {
        Job job = new(request);
        _jobs[job.Id] = job;
        if (_waiting.Writer.TryWrite(job))
        {
            return job;
        }

        _jobs.TryRemove(job.Id, out _);
        job.Dispose();
        return null;
    }

    /// <summary>Finds a job; null if there is none with this ID.</summary>
    public Job? Find(Guid id) => _jobs.GetValueOrDefault(id);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Job job in _jobs.Values)
        {
            job.Dispose();
        }
    }

    internal IAsyncEnumerable<Job> TakeAllAsync(CancellationToken cancellationToken) => _waiting.Reader.ReadAllAsync(cancellationToken);

    internal IEnumerable<Job> Close()
    {
        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out Job? job))
        {
            yield return job;
        }
    }
}
