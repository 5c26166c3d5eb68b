using Amp.Fleet;

namespace Amp;

/// <summary>Runs many prompts or conversations, several at a time, and reports everything of all of them in one stream.</summary>
public static class AmpFleet
{
    /// <summary>
    /// Runs what a source gives, so many at a time. The next item is taken from the source when a run has ended, so that a source can be as long as it
    /// likes; events come as they are written, those of one run in their order. A consumer that is slow slows all runs down. What goes wrong with one
    /// run is told by its last event (<see cref="FleetRun.Failure"/>) and stops no other.
    /// </summary>
    /// <param name="items">What is to be run. It is read by one thread at a time, and not by that of the consumer.</param>
    /// <param name="limit">How many runs are at work at a time. <see cref="AmpThrottle"/>, the limit of the process, holds too.</param>
    /// <param name="cancellationToken">Asks all runs to end. Their last events still come.</param>
    /// <returns>The events. Leaving the loop early ends all runs, and returns when the last process has ended.</returns>
    /// <exception cref="AmpValidationException">The limit is below 1.</exception>
    /// <exception cref="AmpCanceledException">After the last event: the fleet was cancelled. What the source throws is thrown there too, when the runs that it gave have ended.</exception>
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

/// <summary>What one run of a fleet is to do, and what it is given.</summary>
public sealed class FleetItem
{
    /// <summary>Makes an item of a prompt. It is checked when its run begins.</summary>
    /// <param name="prompt">What the agent is to do.</param>
    /// <param name="options">What the run is given; null for nothing.</param>
    public FleetItem(string prompt, AmpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        Prompt = prompt;
        Options = options ?? new AmpOptions();
    }

    /// <summary>Makes an item of a conversation: each message is given to the agent when it has answered the one before.</summary>
    /// <param name="messages">What the user says.</param>
    /// <param name="options">What the run is given; null for nothing.</param>
    public FleetItem(IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Messages = messages;
        Options = options ?? new AmpOptions();
    }

    /// <summary>What the agent is to do; null for a conversation.</summary>
    public string? Prompt { get; }

    /// <summary>What the user says; null for a prompt.</summary>
    public IAsyncEnumerable<UserInputMessage>? Messages { get; }

    /// <summary>What the run is given.</summary>
    public AmpOptions Options { get; }

    /// <summary>A name for people; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>Anything of the caller's that is to be found again at the run; null for nothing.</summary>
    public object? Tag { get; init; }

    /// <summary>The checked plan of the prompt and the options, which is completed when the run begins; null if it is made then.</summary>
    internal RunPlan? Preview { get; init; }

    /// <summary>The name, or else the prompt.</summary>
    public override string ToString() => Name ?? Prompt ?? "conversation";
}

/// <summary>What an event of a fleet tells of its run.</summary>
public enum FleetEventKind
{
    /// <summary>The run has been checked and begins, or waits for its turn; <see cref="FleetRun.Plan"/> is there from now on.</summary>
    Started,

    /// <summary>The run has reported something; <see cref="FleetEvent.Event"/> is it.</summary>
    Reported,

    /// <summary>
    /// The run has ended with every process of it. It is the run's last event, and the only one where it could not begin;
    /// <see cref="FleetRun.Result"/> and <see cref="FleetRun.Failure"/> say what came of it.
    /// </summary>
    Ended,
}

/// <summary>Something that happened to one of the runs of a fleet.</summary>
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

    /// <summary>What is told of it.</summary>
    public FleetEventKind Kind { get; }

    /// <summary>What the run has reported; of no meaning for other kinds.</summary>
    public AmpEvent Event { get; }

    /// <summary>The message that the run has reported; null where it is something else.</summary>
    public StreamMessage? Message => Kind == FleetEventKind.Reported ? Event.Message : null;

    internal long HeldBytes => Kind == FleetEventKind.Reported ? Event.HeldBytes : 0;
}
