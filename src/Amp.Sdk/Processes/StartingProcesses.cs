using System.Globalization;

namespace Amp.Processes;

/// <summary>
/// Finds processes that are just loading a program. For that moment the kernel shows no variables of them, or lets not even their own user
/// look, and whether they belong to a run cannot be told: whoever looks for the processes of a run has to look again.
/// </summary>
internal static class StartingProcesses
{
    // Programs are loaded when a process begins. One that was started without any variables stays without; it is not waited for by
    // every run until it ends.
    private const long RecentMilliseconds = 60_000;

    // The unit of times in /proc, on every system of today.
    private const long MillisecondsPerTick = 10;

    /// <summary>Whether there is one.</summary>
    public static bool Any()
    {
        if (!long.TryParse(UpTimeText(), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
        {
            return false;
        }

        long recent = (seconds * 1000) - RecentMilliseconds;
        return Directory.EnumerateDirectories("/proc").Any(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]) && IsStarting(folder, recent));
    }

    private static bool IsStarting(string folder, long recent)
    {
        try
        {
            // "4711 (name) S parent group ...": the fields behind the name, which may hold anything. One of a process without memory
            // of its own, which has ended or is the kernel's, is not meant.
            string stat = File.ReadAllText(folder + "/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is not ("Z" or "X")
                && long.Parse(fields[19], CultureInfo.InvariantCulture) * MillisecondsPerTick >= recent
                && fields[20] != "0"
                && !ShowsVariables(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            // It has ended in between, or is another user's.
            return false;
        }
    }

    private static bool ShowsVariables(string folder)
    {
        try
        {
            return File.ReadAllBytes(folder + "/environ").Length > 0;
        }
        catch (UnauthorizedAccessException)
        {
            // That of another user never does.
            return OwnerOf(folder) != OwnerOf("/proc/self");
        }
    }

    // "Uid:" and the real, the effective, the saved and the file system's.
    private static string? OwnerOf(string folder) =>
        Array.Find(File.ReadAllLines(folder + "/status"), line => line.StartsWith("Uid:", StringComparison.Ordinal))?.Split('\t')[1];

    private static string UpTimeText()
    {
        try
        {
            return File.ReadAllText("/proc/uptime").Split('.')[0];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
