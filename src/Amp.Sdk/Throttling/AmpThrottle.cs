using Amp.Throttling;

namespace Amp;

/// <summary>
/// Limits how many runs of this process are active at the same time: single runs, runs of fleets, and turns of sessions. A run that exceeds the limit
/// waits, and its time limits begin when it starts.
/// </summary>
/// <remarks>
/// <para>Single runs start before queued runs of fleets. After four single runs have started before a waiting fleet, a run of the fleet starts. No run is
/// stopped for another one.</para>
/// <para>When the service throttles a run (<see cref="AmpErrorId.Throttled"/>, <see cref="AmpErrorId.Overloaded"/>), the limit is halved, and the run
/// reports this as a warning. After 30 seconds without another such error, or after the time that the service requests, the limit rises step by step,
/// every 10 seconds. If no limit is set, this applies only to fleets.</para>
/// <para>A run that is started by a tool, an approval or a verification of another run does not count, because the other run waits for it. Commands that
/// manage threads, servers and so on, and reviews, do not count either.</para>
/// <para>A run counts until its CLI has exited and its output has been read. If your code reads the events slowly, up to 1,024 of them and about 16 MiB are
/// held for it; a CLI that writes more waits, and its run counts. So if you start another run inside the loop that reads the events, use
/// <see cref="EnterCallback"/>. Otherwise, your code can wait for itself if the limit is reached.</para>
/// </remarks>
public static class AmpThrottle
{
    /// <summary>The maximum number of active runs; null, the default, for no limit. Setting it also ends a reduction. Active runs are not stopped.</summary>
    /// <exception cref="AmpValidationException">The value is below 1.</exception>
    public static int? Limit
    {
        get => RunGate.Shared.Limit;
        set => RunGate.Shared.Limit = value is null or > 0 ? value : throw new AmpValidationException(
            $"With a limit of {value}, no run can start.", nameof(Limit), "Give a number of at least 1, or null for no limit.", value);
    }

    /// <summary>Gets the current limit, and the numbers of active and waiting runs.</summary>
    public static ThrottleState GetState() => RunGate.Shared.State;

    /// <summary>
    /// Marks the following code, until the returned object is disposed, as code that a run waits for: runs that it starts do not count. Callbacks of
    /// <see cref="AmpOptions"/> do not have to call it, unless they pass their work to another thread.
    /// </summary>
    public static IDisposable EnterCallback() => new Callback(RunOrigin.Run);

    /// <summary>
    /// Marks the following code as code beside a reader: whoever reads a run may wait for what it starts, which goes on by itself. Its runs get places of a
    /// second count, with the same limit.
    /// </summary>
    internal static IDisposable EnterBesideReader() => new Callback(RunOrigin.BesideReader);

    private sealed class Callback : IDisposable
    {
        private readonly RunOrigin _before = RunGate.Origin;

        // What a callback starts stays its own, also as a job.
        public Callback(RunOrigin origin) => RunGate.Origin = origin > _before ? origin : _before;

        public void Dispose() => RunGate.Origin = _before;
    }
}

/// <summary>The state of <see cref="AmpThrottle"/>.</summary>
/// <param name="Limit">The maximum number of active runs; null for no limit.</param>
/// <param name="EffectiveLimit">The current maximum, which is lower while the service throttles runs; null for no limit. Without a <paramref name="Limit"/>, it applies only to fleets.</param>
/// <param name="Running">The number of active runs, including turns of sessions.</param>
/// <param name="Waiting">The number of waiting runs.</param>
/// <param name="ReducedUntil">The time when the full limit applies again, if no run is throttled until then; null if the limit is not reduced.</param>
public sealed record ThrottleState(int? Limit, int? EffectiveLimit, int Running, int Waiting, DateTimeOffset? ReducedUntil);
