using System.Diagnostics;
using System.Text;

namespace Amp.Processes;

/// <summary>
/// Finds the processes of a run by a variable that all of them inherit. Parent IDs are not sufficient: a child whose parent has exited, or
/// that has left its session (<c>setsid</c>, a double fork), is no longer a descendant of the CLI.
/// </summary>
internal static class MarkedProcesses
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    // The maximum time for loading a program on a busy machine.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Kills every process with the mark and returns when they are gone. It repeats this, because a process may start another one, but only
    /// for a limited time, because a process in an uninterruptible wait does not exit.
    /// </summary>
    public static async Task KillAllAsync(string runId)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // A process that is being killed has no variables anymore, but exists for a moment.
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

    /// <summary>Finds the processes with the mark, if the system allows it (Linux). Exited processes have no variables.</summary>
    /// <param name="runId">The mark.</param>
    /// <param name="unclear">Called for each process whose mark cannot be read at the moment.</param>
    public static IEnumerable<int> Find(string runId, Action<int>? unclear = null)
    {
        byte[] mark = Encoding.UTF8.GetBytes(runId);
        return ProcessVariables.ReadAll((_, variables) => variables.IndexOf(mark) >= 0, unclear).Where(found => found.Value).Select(found => found.Id);
    }

    /// <summary>Gets every process of any run, with its marks, outermost first.</summary>
    public static IEnumerable<(int Id, IReadOnlyList<RunMark> Marks)> FindAll() =>
        ProcessVariables.ReadAll((_, variables) => ProcessVariables.Find(variables, RunMark.VariableName))
            .Where(found => found.Value is not null)
            .Select(found => (found.Id, RunMark.ParseAll(found.Value!)))
            .Where(found => found.Item2.Count > 0);
}
