using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Amp.Processes;

/// <summary>
/// Finds the processes of a run by a variable that all of them inherit. Parents cannot tell: a child whose parent has ended,
/// or that has left its session (<c>setsid</c>, a double fork), no longer hangs below the CLI.
/// </summary>
internal static class RunMarker
{
    /// <summary>The variable's name; its value is the run's ID, behind those of the runs that this one is a part of.</summary>
    public const string VariableName = "AMP_SDK_RUN_ID";

    // A kernel gives at most this much for all arguments and variables of one program on common settings.
    private const int LongestEnvironment = 2 * 1024 * 1024;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    // How long a program may take to be loaded, on a machine that is busy.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>The mark of a run that may itself be started by the agent of another run, which ends this one with itself.</summary>
    public static string Value(string? outer, string runId) => string.IsNullOrEmpty(outer) ? runId : $"{outer},{runId}";

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
            foreach (int processId in Find(runId))
            {
                UnixSignal.SendKill(processId);
                ending.Add(processId);
            }

            ending.RemoveWhere(HasEnded);
            if (ending.Count == 0 && (Stopwatch.GetElapsedTime(start) > s_startLimit || !StartingProcesses.Any()))
            {
                return;
            }

            await Task.Delay(5).ConfigureAwait(false);
        }
    }

    // "4711 (name) Z ...": one that only waits to be collected by its parent has ended.
    private static bool HasEnded(int processId)
    {
        try
        {
            string state = File.ReadAllText($"/proc/{processId}/stat");
            int name = state.LastIndexOf(')');
            return name < 0 || state.AsSpan(name + 1).TrimStart() is ['Z' or 'X', ..];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>The processes that carry the mark, where the system lets one look (Linux); ended ones have no variables.</summary>
    public static IEnumerable<int> Find(string runId)
    {
        byte[] mark = Encoding.UTF8.GetBytes(runId);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            foreach (string folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int processId)
                    && processId != Environment.ProcessId
                    && Contains($"{folder}/environ", mark, ref buffer))
                {
                    yield return processId;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool Contains(string file, byte[] mark, ref byte[] buffer)
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            int length = 0;
            while (length < LongestEnvironment)
            {
                if (length == buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                int read = stream.Read(buffer, length, buffer.Length - length);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }

            return buffer.AsSpan(0, length).IndexOf(mark) >= 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended: not of this run, or not any more.
            return false;
        }
    }
}
