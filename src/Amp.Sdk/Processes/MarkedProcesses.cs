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
    public static IReadOnlyList<int> Find(string runId, Action<int>? unclear = null)
    {
        byte[] mark = Encoding.UTF8.GetBytes(runId);
        List<int> found = [];
        ProcessVariables.ReadAll(
            (processId, variables) =>
            {
                if (variables.IndexOf(mark) >= 0)
                {
                    found.Add(processId);
                }
            },
            unclear);
        return found;
    }

    /// <summary>Gets every process of any run.</summary>
    public static IReadOnlyList<MarkedProcess> FindAll()
    {
        List<MarkedProcess> found = [];
        ProcessVariables.ReadAll((processId, variables) =>
        {
            if (ProcessVariables.Find(variables, RunMark.VariableName) is string value && RunMark.ParseAll(value) is { Count: > 0 } marks)
            {
                found.Add(new MarkedProcess(processId, marks));
            }
        });
        return found;
    }
}

/// <summary>A process of a run.</summary>
/// <param name="Id">The process ID.</param>
/// <param name="Marks">The marks of the runs that it belongs to, outermost first.</param>
internal sealed record MarkedProcess(int Id, IReadOnlyList<RunMark> Marks);
