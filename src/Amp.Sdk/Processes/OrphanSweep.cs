using System.Diagnostics;

namespace Amp.Processes;

/// <summary>
/// Stops the leftover processes of runs whose owner was killed, for example because the system ran out of memory. The CLI of such a run
/// does not exit by itself, but uses a full core (0.0.1774310664).
/// </summary>
internal static class OrphanSweep
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);
    // The maximum nesting of runs.
    private const int MostRounds = 8;

    private static readonly object s_lock = new();
    private static Task s_running = Task.CompletedTask;

    /// <summary>
    /// Stops every orphan of this user: asks it, waits a second, and kills it. If it is called several times at once, only one call does
    /// the work.
    /// </summary>
    public static Task RunAsync()
    {
        lock (s_lock)
        {
            return s_running.IsCompleted ? s_running = Task.Run(EndAsync) : s_running;
        }
    }

    /// <summary>
    /// Asks processes to exit, and kills those that do not exit in time. Only processes that are still the same are stopped.
    /// </summary>
    /// <returns>The processes that could not be ended.</returns>
    public static async Task<IReadOnlyList<ProcessIdentity>> EndAsync(
        IReadOnlyList<ProcessIdentity> processes, Func<int, bool> ask, TimeSpan grace, CancellationToken cancellationToken)
    {
        List<ProcessIdentity> running = [.. processes.Where(process => !process.IsGone)];
        running.ForEach(process => ask(process.Id));
        await WaitAsync(running, grace, cancellationToken).ConfigureAwait(false);
        running.ForEach(process => UnixSignal.SendKill(process.Id));
        await WaitAsync(running, grace, CancellationToken.None).ConfigureAwait(false);
        return running;
    }

    // A process is not stopped as long as the owner of its own run lives, whatever happened to the outer runs. If that owner is itself an
    // orphan, it is stopped, and then its processes are orphans too.
    private static async Task EndAsync()
    {
        for (int round = 0; round < MostRounds; round++)
        {
            ProcessIdentity[] orphans = Find();
            if (orphans.Length == 0 || (await EndAsync(orphans, UnixSignal.SendTerminate, s_grace, CancellationToken.None).ConfigureAwait(false)).Count > 0)
            {
                return;
            }
        }
    }

    // Runs that contain this process are not stopped.
    private static ProcessIdentity[] Find()
    {
        HashSet<string> own = [.. RunMark.ParseAll(Environment.GetEnvironmentVariable(RunMark.VariableName) ?? string.Empty)
            .Select(mark => mark.RunId)];
        try
        {
            IEnumerable<MarkedProcess> orphans = MarkedProcesses.FindAll()
                .Where(found => found.Marks[^1] is { Owner.IsGone: true } mark && !own.Contains(mark.RunId) && ProcessUser.IsOwn(found.Id));

            // For almost every run, there are none.
            return orphans.ToArray() is { Length: > 0 } some
                ? [.. some.Select(found => new ProcessIdentity(found.Id, ProcessIdentity.StartOf(found.Id) ?? 0, ProcessIdentity.Current.Space))]
                : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // If the system does not show its processes, a run must start anyway.
            return [];
        }
    }

    private static async Task WaitAsync(List<ProcessIdentity> running, TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (running.RemoveAll(process => process.IsGone) >= 0 && running.Count > 0 && Stopwatch.GetElapsedTime(start) < limit
            && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(5, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
