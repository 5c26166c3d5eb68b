using System.Globalization;

namespace Amp.Processes;

/// <summary>A process in the system's process table.</summary>
/// <param name="Id">The process ID.</param>
/// <param name="Parent">The ID of the parent: that of another process if the original parent has exited.</param>
/// <param name="Start">The start time, in clock ticks since the system's start.</param>
internal readonly record struct ProcessRow(int Id, int Parent, long Start);

/// <summary>Reads the process table (Linux).</summary>
internal static class ProcessTable
{
    // "4711 (name) S 1 ...". After the name: the state, the parent, and as the twentieth field the start time.
    private const int StateField = 0;
    private const int ParentField = 1;
    private const int StartField = 19;

    // On Linux, the table counts hundredths of a second on every processor that .NET supports.
    private const long MillisecondsPerTick = 10;

    /// <summary>
    /// A time that is not later than now, in clock ticks since the system's start. It is earlier by the time that the system was suspended, which .NET does not count.
    /// </summary>
    public static long Now => (Environment.TickCount64 / MillisecondsPerTick) - 1;

    /// <summary>Finds the row of a process, including a zombie; null if there is none.</summary>
    public static ProcessRow? Find(int processId, bool alsoEnded = false)
    {
        return Fields(processId) is { Length: > StartField } fields && (alsoEnded || fields[StateField] is not ("Z" or "X"))
            && int.TryParse(fields[ParentField], NumberStyles.None, CultureInfo.InvariantCulture, out int parent)
            && long.TryParse(fields[StartField], NumberStyles.None, CultureInfo.InvariantCulture, out long start)
                ? new ProcessRow(processId, parent, start)
                : null;
    }

    /// <summary>Gets the fields of a process after its name; null if the system has no process of this ID.</summary>
    public static string[]? Fields(int processId)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/stat");
            int name = text.LastIndexOf(')');
            return name < 0 ? null : text[(name + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Gets all running processes that were started at or after a time.</summary>
    public static List<ProcessRow> Since(long start)
    {
        List<ProcessRow> rows = [];
        try
        {
            foreach (string folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                    && Find(id) is ProcessRow row && row.Start >= start)
                {
                    rows.Add(row);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The system does not show its processes.
        }

        return rows;
    }
}
