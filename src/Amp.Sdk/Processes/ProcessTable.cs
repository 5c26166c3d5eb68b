using System.Globalization;

namespace Amp.Processes;

/// <summary>A process as the table of all processes shows it.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Parent">The ID of its parent: that of another process, when the parent that started it has ended.</param>
/// <param name="Start">When it started, in clock ticks since the system's start.</param>
internal readonly record struct ProcessRow(int Id, int Parent, long Start);

/// <summary>Reads who runs and whose child that is (Linux).</summary>
internal static class ProcessTable
{
    // "4711 (name) S 1 ...". Behind the name: the state, the parent, and as the twentieth the start.
    private const int StateField = 0;
    private const int ParentField = 1;
    private const int StartField = 19;

    /// <summary>The row of a process, also of one that waits to be collected; null where there is none.</summary>
    public static ProcessRow? Find(int processId, bool alsoEnded = false)
    {
        return Fields(processId) is { Length: > StartField } fields && (alsoEnded || fields[StateField] is not ("Z" or "X"))
            && int.TryParse(fields[ParentField], NumberStyles.None, CultureInfo.InvariantCulture, out int parent)
            && long.TryParse(fields[StartField], NumberStyles.None, CultureInfo.InvariantCulture, out long start)
                ? new ProcessRow(processId, parent, start)
                : null;
    }

    /// <summary>What the system tells of a process behind its name; null where it shows none of this ID.</summary>
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

    /// <summary>All that run and were not started before a moment.</summary>
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
            // A system that does not show its processes shows none.
        }

        return rows;
    }
}
