using System.Threading.Channels;
using Amp.Execution;

namespace Amp.Sessions;

/// <summary>One process of the CLI in a session: its messages go in as they are said, and everything it reports comes out.</summary>
internal sealed class SessionProcess : IDisposable
{
    private readonly Channel<UserInputMessage> _said = Channel.CreateUnbounded<UserInputMessage>();
    private readonly CancellationTokenSource _stop = new();
    private volatile StartedRun? _run;

    /// <summary>The ID of the running process; null before it has started.</summary>
    public int? ProcessId => _run?.ProcessId;

    /// <summary>Knows when the CLI was last heard of, and whether it waits for this side; null before the process has started.</summary>
    public RunClock? Clock => _run?.Clock;

    /// <summary>Whether the process was started at all.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>The result that the process ended with, if it gave one. It is the last thing that a CLI says of its own accord.</summary>
    public ResultMessage? Result { get; private set; }

    /// <summary>Completes when the process has ended with everything it started, and what came of it has been taken note of.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Checks everything and makes the plan of the process.</summary>
    /// <exception cref="AmpException">Something that was given cannot be used, or no CLI was found.</exception>
    public Task<RunPlan> PlanAsync(AmpOptions options, CancellationToken cancellationToken) =>
        AmpClient.PlanAsync(Messages(), WithoutLimits(options), cancellationToken);

    /// <summary>The plan of a process that is not going to be started.</summary>
    /// <exception cref="AmpException">Something that was given cannot be used, or no CLI was found.</exception>
    public static RunPlan Preview(AmpOptions options)
    {
        using SessionProcess none = new();
        return AmpClient.Preview(none.Messages(), WithoutLimits(options));
    }

    /// <summary>Starts the process.</summary>
    /// <param name="plan">Makes its plan, unless that is there already.</param>
    /// <param name="arrived">Called with everything that it reports, one after the other.</param>
    /// <param name="ended">Called at its end, with what was wrong with it.</param>
    public void Start(Func<CancellationToken, Task<RunPlan>> plan, Func<AmpEvent, ValueTask> arrived, Action<Exception?> ended) =>
        Ended = Task.Run(() => RunAsync(plan, arrived, ended));

    /// <summary>Gives the CLI a message; the one before must have been answered.</summary>
    public void Say(UserInputMessage message) => _said.Writer.TryWrite(message);

    /// <summary>Says that nothing more comes: the CLI gives its result and ends.</summary>
    public void EndInput() => _said.Writer.TryComplete();

    /// <summary>Asks the CLI to end now; what does not is killed.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    public void Dispose() => _stop.Dispose();

    // The limits are those of a turn: between turns the CLI is silent for as long as its user likes.
    private static AmpOptions WithoutLimits(AmpOptions options) => options.Verify is null
        ? options with { Timeout = null, IdleTimeout = null }
        : throw new AmpValidationException(
            "A session does not verify its turns.",
            nameof(AmpOptions.Verify),
            "Verify the work between two messages and send what is wrong, or use a run.");

    private IAsyncEnumerable<UserInputMessage> Messages() => _said.Reader.ReadAllAsync(CancellationToken.None);

    private void Started(StartedRun run)
    {
        HasStarted = true;
        _run = run;
    }

    private async Task RunAsync(
        Func<CancellationToken, Task<RunPlan>> plan, Func<AmpEvent, ValueTask> arrived, Action<Exception?> ended)
    {
        Exception? failure = null;
        try
        {
            RunPlan ready = await plan(_stop.Token).ConfigureAwait(false);
            IAsyncEnumerable<AmpEvent> events = AgentRun.StreamAsync(ready, _stop.Token, Started);
            await foreach (AmpEvent item in events.ConfigureAwait(false))
            {
                Result ??= item.Message as ResultMessage;
                await arrived(item).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // Nobody awaits this task for its outcome: whatever it is goes to the session, which throws it to its caller.
            failure = exception;
        }

        _run = null;
        ended(failure);
        Dispose();
    }
}
