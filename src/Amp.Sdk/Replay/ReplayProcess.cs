using Amp.Processes;

namespace Amp.Replay;

/// <summary>What looks like the CLI to a run, and is an answer of this process. Its streams are pipes in memory, and nothing is started.</summary>
internal sealed class ReplayProcess : RunProcess
{
    // The words of the CLIs of 2026, by which a canceled run is recognized.
    private const string CanceledWords = "User cancelled";

    private static readonly TaskCompletionSource s_never = new();

    private readonly BytePipe _input = new();
    private readonly BytePipe _output = new();
    private readonly BytePipe _error = new();
    private readonly CancellationTokenSource _interrupted = new();
    private readonly TaskCompletionSource<ProcessExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _playing;
    private volatile Task _stopRequested = s_never.Task;

    /// <param name="play">Plays the answer. What it throws is the failure of the run.</param>
    /// <param name="context">The run.</param>
    public ReplayProcess(Func<ReplayStage, Task<ProcessExit>> play, Plans.AgentContext context) =>
        _playing = Task.Run(() => PlayAsync(play, new ReplayStage(context, _input, _output, _error, () => _stopRequested.IsCompleted, _interrupted.Token)));

    /// <inheritdoc/>
    public override int? Id => null;

    /// <inheritdoc/>
    public override Stream Input => _input;

    /// <inheritdoc/>
    public override Stream Output => _output;

    /// <inheritdoc/>
    public override Stream Error => _error;

    /// <inheritdoc/>
    public override Task<ProcessExit> Exited => _exited.Task;

    /// <inheritdoc/>
    public override void Watch(Task stopRequested) => _stopRequested = stopRequested;

    /// <inheritdoc/>
    public override bool Interrupt()
    {
        if (Exited.IsCompleted)
        {
            return false;
        }

        // Not awaited: a tool of the caller may be what stops the run, and would wait for itself.
        _ = _interrupted.CancelAsync();
        return true;
    }

    /// <inheritdoc/>
    public override bool Terminate() => Interrupt();

    /// <inheritdoc/>
    public override Task KillAsync()
    {
        if (!Exited.IsCompleted)
        {
            // A tool of the caller that ignores its token must not hold the run.
            _output.Complete();
            _error.Complete();
            _exited.TrySetResult(new ProcessExit(null, "SIGKILL"));
            _ = _interrupted.CancelAsync();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        _input.Complete();
        _ = _playing.ContinueWith(_ => _interrupted.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task PlayAsync(Func<ReplayStage, Task<ProcessExit>> play, ReplayStage stage)
    {
        ProcessExit exit = new(0, null);
        Exception? failure = null;
        try
        {
            exit = await play(stage).ConfigureAwait(false);
        }
        catch (Exception) when (_interrupted.IsCancellationRequested)
        {
            // As the CLI does after Ctrl+C.
            await stage.TryWriteAsync(MessageFactory.CreateErrorResult(CanceledWords, stage.ThreadId)).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
            exit = new ProcessExit(1, null);
        }

        _error.Complete();
        _output.Complete(failure);
        _exited.TrySetResult(exit);
    }
}
