using Amp.Throttling;

namespace Amp;

/// <summary>
/// The one limit of a process on how many runs are at work at a time, whoever starts them: single runs, fleets, and turns of sessions. A run that
/// is one too many waits, and its limits of time begin when it starts.
/// </summary>
/// <remarks>
/// <para>Runs that were started one by one go before queued runs of fleets; after four of them that passed a waiting fleet, a run of the fleet goes.
/// No run is stopped for another one.</para>
/// <para>When the service throttles a run (<see cref="AmpErrorId.Throttled"/>, <see cref="AmpErrorId.Overloaded"/>), the number is halved, and the run
/// reports it as a warning. After 30 seconds without another such error, or after the time that the service asks for, it rises step by step every 10
/// seconds. Without a limit this holds for fleets alone.</para>
/// <para>A run that a tool, an approval or a verification of another run starts takes no place of its own, since the other run waits for it. The
/// commands that manage threads, servers and the like, and reviews, do not count.</para>
/// <para>A run keeps its place until its events have been read to the end. Code that starts another run inside the loop that reads them, under a limit that
/// this run has reached, must use <see cref="EnterCallback"/>, or it waits for itself.</para>
/// </remarks>
public static class AmpThrottle
{
    /// <summary>How many runs are at work at a time at most; null, the default, for no limit. To set it also ends a reduction. Running ones stay.</summary>
    /// <exception cref="AmpValidationException">The value is below 1.</exception>
    public static int? Limit
    {
        get => RunGate.Shared.Limit;
        set => RunGate.Shared.Limit = value is null or > 0 ? value : throw new AmpValidationException(
            $"With a limit of {value}, no run can start.", nameof(Limit), "Give a number of at least 1, or null for no limit.", value);
    }

    /// <summary>What the limit is now, and how many runs are at work and wait.</summary>
    public static ThrottleState GetState() => RunGate.Shared.State;

    /// <summary>
    /// Says that what follows is code that a run waits for, until the returned object is disposed of: the runs that it starts take no place. Callbacks of
    /// <see cref="AmpOptions"/> need not say so; it is for code that hands them to another thread.
    /// </summary>
    public static IDisposable EnterCallback() => new Callback();

    private sealed class Callback : IDisposable
    {
        private readonly bool _before = RunGate.IsInside;

        public Callback() => RunGate.IsInside = true;

        public void Dispose() => RunGate.IsInside = _before;
    }
}

/// <summary>A look at <see cref="AmpThrottle"/>.</summary>
/// <param name="Limit">How many runs are at work at a time at most; null for no limit.</param>
/// <param name="EffectiveLimit">The same now: lower while the service throttles; null for no limit. Without a <paramref name="Limit"/> it holds for fleets alone.</param>
/// <param name="Running">How many runs, and turns of sessions, are at work.</param>
/// <param name="Waiting">How many wait for their turn.</param>
/// <param name="ReducedUntil">When the full limit is back if no run is throttled until then; null where nothing is reduced.</param>
public sealed record ThrottleState(int? Limit, int? EffectiveLimit, int Running, int Waiting, DateTimeOffset? ReducedUntil);
