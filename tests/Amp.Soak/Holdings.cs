namespace Amp.Soak;

/// <summary>What this process and its runs hold at one moment, between runs.</summary>
internal sealed record Holdings(int Processes, int TemporaryEntries, int Handles, int Threads, long HeapKilobytes, long WorkingSetMegabytes)
{
    // Assemblies that are needed late are handles too. Threads of the pool go after 20 s without work, and come back. A leak of every run,
    // or of every run with one of the endings, is hundreds.
    private const int HandleMargin = 16;
    private const int ThreadMargin = 16;
    private const int HeapMargin = 2048;
    private const int WorkingSetMargin = 48;

    public static Holdings Of(SoakPlace place)
    {
        // First without a collection: what only the garbage collector lets go of is held for who knows how long.
        int handles = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        long heap = GC.GetTotalMemory(forceFullCollection: true) / 1024;
        return new Holdings(
            place.Processes().Count,
            Directory.GetFileSystemEntries(place.Temporary, "*", SearchOption.AllDirectories).Length,
            handles,
            Directory.GetFileSystemEntries("/proc/self/task").Length,
            heap,
            Environment.WorkingSet >> 20);
    }

    /// <summary>What is more than at an earlier moment, in words; empty where all is back.</summary>
    public string MoreThan(Holdings before)
    {
        (string Name, long Now, long Most)[] rows =
        [
            ("processes", Processes, 0),
            ("temporary files", TemporaryEntries, 0),
            ("handles", Handles, before.Handles + HandleMargin),
            ("threads", Threads, before.Threads + ThreadMargin),
            ("KB of objects", HeapKilobytes, before.HeapKilobytes + HeapMargin),
            ("MB of working set", WorkingSetMegabytes, before.WorkingSetMegabytes + WorkingSetMargin),
        ];
        return string.Join(", ", rows.Where(row => row.Now > row.Most).Select(row => $"{row.Now} {row.Name} (at most {row.Most})"));
    }
}
