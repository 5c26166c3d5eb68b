using System.Diagnostics;
using System.Text;

namespace Amp.Processes;

/// <summary>
/// Finds the processes of a run by a variable that all of them inherit. Parents cannot tell: a child whose parent has ended,
/// or that has left its session (<c>setsid</c>, a double fork), no longer hangs below the CLI.
/// </summary>
internal static class MarkedProcesses
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    // How long a program may take to be loaded, on a machine that is busy.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Ends every process that carries the mark and returns when they are gone; again and again, since one may start another
    /// meanwhile, but for a bounded time, since a process in an uninterruptible wait does not end.
    /// </summary>
    public static async Task KillAllAsync(string runId)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // A process that is being ended has no variables any more, and is still there for a moment.
        HashSet<int> ending = [];
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_limit)
        {
            List<int> unclear = [];
            foreach (int processId in Find(runId, unclear.Add))
            {
                UnixSignal.SendKill(processId);
                ending.Add(processId);
            }

            ending.RemoveWhere(processId => ProcessIdentity.StartOf(processId) is null);
            if (ending.Count == 0 && (Stopwatch.GetElapsedTime(start) > s_startLimit || !unclear.Exists(StartingProcess.MayBe)))
            {
                return;
            }

            await Task.Delay(5).ConfigureAwait(false);
        }
    }

    /// <summary>The processes that carry the mark, where the system lets one look (Linux); ended ones have no variables.</summary>
    /// <param name="runId">The mark.</param>
    /// <param name="unclear">Called with each that does not show at this moment whether it carries the mark.</param>
    public static IEnumerable<int> Find(string runId, Action<int>? unclear = null)
    {
        byte[] mark = Encoding.UTF8.GetBytes(runId);
        return ProcessVariables.ReadAll((_, variables) => variables.IndexOf(mark) >= 0, unclear).Where(found => found.Value).Select(found => found.Id);
    }

    /// <summary>Every process that belongs to a run, whosever it is, with its marks, the outermost first.</summary>
    public static IEnumerable<(int Id, IReadOnlyList<RunMark> Marks)> FindAll() =>
        ProcessVariables.ReadAll((_, variables) => ProcessVariables.Find(variables, RunMark.VariableName))
            .Where(found => found.Value is not null)
            .Select(found => (found.Id, RunMark.ParseAll(found.Value!)))
            .Where(found => found.Item2.Count > 0);
}
