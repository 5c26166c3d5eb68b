using System.Diagnostics;
using Amp;

namespace AgentQueue;

/// <summary>Takes jobs from the queue and runs an agent for each, a few at a time, until the service stops.</summary>
public sealed partial class QueueWorker(JobStore queue, IAmpClient client, QueueSettings settings, ILogger<QueueWorker> logger) : BackgroundService
{
    /// <summary>The name of the traces of jobs.</summary>
    public const string SourceName = "AgentQueue";

    private static readonly ActivitySource s_source = new(SourceName);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, settings.Workers).Select(_ => WorkAsync(stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host waits until this method has returned: no agent is at work anymore.
            foreach (Job job in queue.Close())
            {
                Cancel(job, threadId: null);
            }
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        await foreach (Job job in queue.TakeAllAsync(stoppingToken))
        {
            if (stoppingToken.IsCancellationRequested)
            {
                Cancel(job, threadId: null);
            }
            else
            {
                await RunAsync(job, stoppingToken);
            }
        }
    }

    private async Task RunAsync(Job job, CancellationToken stoppingToken)
    {
        // The trace of the caller goes on in the run, and from there in the tools that the agent starts.
        using Activity? activity = s_source.StartActivity("run job", ActivityKind.Consumer, job.Caller);
        activity?.SetTag("job.id", job.Id);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, job.Cancellation);
        job.Start();
        try
        {
            // A thread that is continued has a title and a place already.
            AmpOptions options = job.Request.ThreadId is string thread
                ? client.Options with { ThreadId = thread, ContinueLatestThread = false, Title = null, Visibility = null, Executor = null }
                : client.Options;
            job.Finish(await client.RunAsync(job.Request.Prompt!, options, stop.Token));
            LogFinished(job.Id, job.Outcome);
        }
        catch (OperationCanceledException exception) when (stop.IsCancellationRequested)
        {
            Cancel(job, (exception as AmpCanceledException)?.ThreadId);
        }
        catch (Exception exception)
        {
            // Whatever it is, it belongs to this job, and the worker goes on with the next one. The message of an unknown error is for the log, not for the caller.
            job.Fail(exception);
            LogFailed(job.Id, job.ErrorId, exception is AmpException ? null : exception);
        }
    }

    private void Cancel(Job job, string? threadId)
    {
        job.Cancel(threadId);
        LogCanceled(job.Id, job.ThreadId);
    }

    [LoggerMessage(1, LogLevel.Information, "Job {JobId} is finished: {Outcome}")]
    private partial void LogFinished(Guid jobId, string? outcome);

    [LoggerMessage(2, LogLevel.Warning, "Job {JobId} was canceled; thread {ThreadId}")]
    private partial void LogCanceled(Guid jobId, string? threadId);

    [LoggerMessage(3, LogLevel.Error, "Job {JobId} failed: {ErrorId}")]
    private partial void LogFailed(Guid jobId, string? errorId, Exception? exception);
}
