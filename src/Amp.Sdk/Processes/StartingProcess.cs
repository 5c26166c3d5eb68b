using System.Globalization;

namespace Amp.Processes;

/// <summary>
/// Determines whether a process without readable variables may be loading its program. At that moment, the kernel shows no variables, or
/// denies access even to its own user, so it is unknown whether the process belongs to a run, and the caller must check again.
/// </summary>
internal static class StartingProcess
{
    // Programs are loaded when a process starts. A process that was started without variables never has any, and a run must not wait for it
    // until its end.
    private const long RecentMilliseconds = 60_000;

    // The unit of times in /proc, on every current system.
    private const long MillisecondsPerTick = 10;

    public static bool MayBe(int processId)
    {
        try
        {
            // "4711 (name) S parent group ...": the fields after the name, which can contain anything. Processes without their own memory,
            // which have exited or belong to the kernel, are excluded.
            string stat = File.ReadAllText($"/proc/{processId}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is not ("Z" or "X")
                && fields[20] != "0"
                && (long.Parse(fields[19], CultureInfo.InvariantCulture) * MillisecondsPerTick) + RecentMilliseconds >= UpTimeMilliseconds()
                && OwnerOf($"{processId}") == OwnerOf("self");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            // It has exited in the meantime.
            return false;
        }
    }

    private static double UpTimeMilliseconds() =>
        double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture) * 1000;

    // "Uid:" with the real, effective, saved and file system IDs.
    private static string? OwnerOf(string process) =>
        Array.Find(File.ReadAllLines($"/proc/{process}/status"), line => line.StartsWith("Uid:", StringComparison.Ordinal))?.Split('\t')[1];
}
