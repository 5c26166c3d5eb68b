using System.Threading.Channels;
using Amp.Execution;
using Amp.Options;

namespace Amp.Sessions;

/// <summary>A session that has been checked and not opened: its first process is planned once, before anybody is asked whether to open it.</summary>
/// <param name="Options">The options of the session.</param>
/// <param name="Process">The first process.</param>
/// <param name="Preview">The plan of the process as far as it requires no CLI.</param>
internal sealed record SessionDraft(AmpOptions Options, SessionProcess Process, RunPlan Preview) : IDisposable
{
    /// <summary>Gives up a session that is not opened.</summary>
    public void Dispose() => Process.Dispose();
}

/// <summary>A process of the CLI in a session: it gets messages one by one, and reports all its events.</summary>
internal sealed class SessionProcess : IDisposable
{
    private readonly Channel<UserInputMessage> _said = Channel.CreateUnbounded<UserInputMessage>();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile StartedRun? _run;

    /// <summary>The ID of the running process; null before it starts.</summary>
    public int? ProcessId => _run?.ProcessId;

    /// <summary>
    /// The clock, which knows when the CLI last wrote something and whether it waits for the library; null before the process starts.
    /// </summary>
    public RunClock? Clock => _run?.Clock;

    /// <summary>Whether the process was started.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Whether the CLI is running.</summary>
    public bool IsRunning => _run is not null && !Exited.IsCompleted;

    /// <summary>Completes when the CLI has exited, or if it was not started. The end of its run can take longer, such as that of a checkpoint.</summary>
    public Task Exited => _exited.Task;

    /// <summary>The result of the process, if there is one. It is the last message of a CLI.</summary>
    public ResultMessage? Result { get; private set; }

    /// <summary>Completes when the process and everything it started has exited, and the outcome is recorded.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Checks the options and creates the plan of the process.</summary>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    public Task<RunPlan> PlanAsync(AmpOptions options, CancellationToken cancellationToken) =>
        AmpClient.PlanAsync(Messages(), ForProcess(options), cancellationToken);

    /// <summary>Creates the plan of the process as far as it requires no CLI.</summary>
    /// <exception cref="AmpException">An option cannot be used, or no CLI was found.</exception>
    public RunPlan Preview(AmpOptions options)
    {
        RunPlan plan = AmpClient.Preview(Messages(), ForProcess(options));
        plan.IsOfSession = true;
        return plan;
    }

    /// <summary>Starts the process.</summary>
    /// <param name="plan">Creates its plan, if there is none yet.</param>
    /// <param name="isLate">Returns whether the process is being stopped because a time limit was exceeded.</param>
    /// <param name="changed">Called when <see cref="IsRunning"/> has changed.</param>
    /// <param name="arrived">Called with each event, one after the other.</param>
    /// <param name="ended">Called at the end, with the failure.</param>
    public void Start(
        Func<CancellationToken, Task<RunPlan>> plan, Func<bool> isLate, Action changed, Func<AmpEvent, ValueTask> arrived, Action<Exception?> ended) =>
        Ended = Task.Run(() => RunAsync(plan, isLate, changed, arrived, ended));

    /// <summary>Sends a message to the CLI. The previous message must have an answer.</summary>
    public void Say(UserInputMessage message) => _said.Writer.TryWrite(message);

    /// <summary>Closes the input. The CLI writes its result and exits.</summary>
    public void EndInput() => _said.Writer.TryComplete();

    /// <summary>Asks the CLI to exit at once, and kills it if it does not.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just exited by itself.
        }
    }

    public void Dispose() => _stop.Dispose();

    // The limits are those of a turn: between turns, the CLI is silent for any time. The session archives its thread at its end: after the exit of
    // this process, another one may have to continue the thread.
    private static AmpOptions ForProcess(AmpOptions options)
    {
        if (options.Verify is not null)
        {
            throw new AmpValidationException(
                "A session does not verify its turns.",
                nameof(AmpOptions.Verify),
                "Verify the work between two messages and send what is wrong, or use a run.");
        }

        return options.Archive && OtherMachine.IsAskedFor(options)
            ? throw new AmpValidationException(
                "A session on another machine does not archive its thread.",
                nameof(AmpOptions.Archive),
                "Omit AmpOptions.Archive, and archive the thread after the session with ThreadClient.ChangeAsync.",
                errorId: AmpErrorId.UnsupportedByHost)
            : options with { Timeout = null, IdleTimeout = null, Archive = false };
    }

    private IAsyncEnumerable<UserInputMessage> Messages() => _said.Reader.ReadAllAsync(CancellationToken.None);

    private async Task RunAsync(
        Func<CancellationToken, Task<RunPlan>> plan, Func<bool> isLate, Action changed, Func<AmpEvent, ValueTask> arrived, Action<Exception?> ended)
    {
        Exception? failure = null;
        try
        {
            RunPlan ready = await plan(_stop.Token).ConfigureAwait(false);
            RunRole role = new()
            {
                IsSession = true,
                Started = run =>
                {
                    HasStarted = true;
                    _run = run;
                    changed();
                },
                Exited = () =>
                {
                    _exited.TrySetResult();
                    changed();
                },
                IsLate = isLate,
            };
            IAsyncEnumerable<AmpEvent> events = AgentRun.StreamAsync(ready, _stop.Token, role);
            await foreach (AmpEvent item in events.ConfigureAwait(false))
            {
                Result ??= item.Message as ResultMessage;
                await arrived(item).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // Nobody awaits the result of this task. Its outcome goes to the session, which throws it to its caller.
            failure = exception;
        }

        _run = null;
        _exited.TrySetResult();
        ended(failure);
        Dispose();
    }
}
