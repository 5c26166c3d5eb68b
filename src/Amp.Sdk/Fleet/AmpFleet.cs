using Amp.Fleet;

namespace Amp;

/// <summary>Runs many prompts or conversations, several at a time, and reports everything of all of them in one stream.</summary>
public static class AmpFleet
{
    /// <summary>
    /// Runs the items of a source, several at a time. The next item is taken from the source when a run has ended, so a source can have any length. Events
    /// are returned as they occur, and those of each run in order. A slow consumer slows down all runs. If a run fails, its last event contains the failure
    /// (<see cref="FleetRun.Failure"/>), and the other runs continue.
    /// </summary>
    /// <param name="items">The items to run. They are read by one thread at a time, which is not the thread of the consumer.</param>
    /// <param name="limit">The maximum number of runs that are active at the same time. The limit of the process, <see cref="AmpThrottle"/>, also applies.</param>
    /// <param name="cancellationToken">Asks all runs to end. Their last events are still returned.</param>
    /// <returns>The events. If you leave the loop early, all runs are stopped, and the loop ends when the last process has exited.</returns>
    /// <exception cref="AmpValidationException">The limit is below 1.</exception>
    /// <exception cref="AmpCanceledException">After the last event: the token was canceled. An exception of the source is also thrown there, after its runs have ended.</exception>
    public static IAsyncEnumerable<FleetEvent> StreamAsync(
        IAsyncEnumerable<FleetItem> items, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        return limit > 0 ? FleetRunner.StreamAsync(items, limit, cancellationToken) : throw new AmpValidationException(
            $"With a limit of {limit}, no run can start.", nameof(limit), "Give a number of at least 1.", limit);
    }

    /// <inheritdoc cref="StreamAsync(IAsyncEnumerable{FleetItem}, int, CancellationToken)"/>
    public static IAsyncEnumerable<FleetEvent> StreamAsync(
        IEnumerable<FleetItem> items, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        return StreamAsync(OneByOneAsync(items), limit, cancellationToken);
    }

#pragma warning disable CS1998 // There is nothing to wait for: what the source gives is there when it has given it.
    private static async IAsyncEnumerable<FleetItem> OneByOneAsync(IEnumerable<FleetItem> items)
    {
        foreach (FleetItem item in items)
        {
            yield return item;
        }
    }
#pragma warning restore CS1998
}

/// <summary>A prompt or conversation for one run of a fleet, with its options.</summary>
public sealed class FleetItem
{
    /// <summary>Creates an item from a prompt. It is checked when its run starts.</summary>
    /// <param name="prompt">The task for the agent.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    public FleetItem(string prompt, AmpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        Prompt = prompt;
        Options = options ?? new AmpOptions();
    }

    /// <summary>Creates an item from a conversation: the agent gets each message when it has answered the previous one.</summary>
    /// <param name="messages">The user messages.</param>
    /// <param name="options">The options of the run; null for the defaults.</param>
    public FleetItem(IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Messages = messages;
        Options = options ?? new AmpOptions();
    }

    /// <summary>The task for the agent; null for a conversation.</summary>
    public string? Prompt { get; }

    /// <summary>The user messages; null for a prompt.</summary>
    public IAsyncEnumerable<UserInputMessage>? Messages { get; }

    /// <summary>The options of the run.</summary>
    public AmpOptions Options { get; }

    /// <summary>A name to show; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>An object of your own, which you can get from the run; null for none.</summary>
    public object? Tag { get; init; }

    /// <summary>The checked plan of the prompt and the options, which is completed when the run begins; null if it is made then.</summary>
    internal RunPlan? Preview { get; init; }

    /// <summary>Asks only its run to end, also before the run has a plan, when nobody has the run yet that could be stopped.</summary>
    internal CancellationToken StopToken { get; init; }

    /// <summary>Whether its run has ended. The run itself is not kept: a list of items can be long, and be kept for long.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>Returns the name, or the prompt if there is no name.</summary>
    public override string ToString() => Name ?? Prompt ?? "conversation";
}

/// <summary>The kinds of events of a fleet.</summary>
public enum FleetEventKind
{
    /// <summary>The run was checked, and starts or waits in the queue. <see cref="FleetRun.Plan"/> is available from now on.</summary>
    Started,

    /// <summary>The run reported an event, which is in <see cref="FleetEvent.Event"/>.</summary>
    Reported,

    /// <summary>
    /// The run and all its processes have ended. This is the last event of the run, and the only one if the run could not start.
    /// <see cref="FleetRun.Result"/> and <see cref="FleetRun.Failure"/> contain the outcome.
    /// </summary>
    Ended,
}

/// <summary>An event of one of the runs of a fleet.</summary>
public readonly struct FleetEvent
{
    internal FleetEvent(FleetRun run, FleetEventKind kind)
    {
        Run = run;
        Kind = kind;
    }

    internal FleetEvent(FleetRun run, in AmpEvent item)
    {
        Run = run;
        Kind = FleetEventKind.Reported;
        Event = item;
    }

    /// <summary>The run.</summary>
    public FleetRun Run { get; }

    /// <summary>The kind of event.</summary>
    public FleetEventKind Kind { get; }

    /// <summary>The event that the run reported; not valid for other kinds.</summary>
    public AmpEvent Event { get; }

    /// <summary>The message that the run reported; null for all other events.</summary>
    public StreamMessage? Message => Kind == FleetEventKind.Reported ? Event.Message : null;

    internal long HeldBytes => Kind == FleetEventKind.Reported ? Event.HeldBytes : 0;
}
