using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Amp.Bench;

/// <summary>
/// Checkpoints of a folder next to what git takes by hand. Each side gets a copy of the folder of its own, whose objects do not exist yet, and the sides begin in
/// turn: the second one to work in a folder would find the objects and the disk's cache of the first.
/// </summary>
internal static class CheckpointBench
{
    private const int FilesInFolder = 100;
    private const int LinesAtMost = 120;

    public static async Task<object> RunAsync(int files, int rounds)
    {
        string work = Directory.CreateTempSubdirectory("amp-bench-").FullName;
        try
        {
            string source = Path.Combine(work, "source");
            Write(source, files);
            List<Reading> byHand = [];
            List<Reading> checkpoints = [];
            List<Reading> statuses = [];
            List<Reading> unchanged = [];

            // The first round is not counted: methods are compiled, and programs come from the disk.
            for (int round = 0; round <= rounds; round++)
            {
                string hand = await CopyAsync(source, Path.Combine(work, $"hand{round}"));
                string kept = await CopyAsync(source, Path.Combine(work, $"kept{round}"));
                CheckpointClient client = new(new CliOptions
                {
                    WorkingDirectory = kept,
                    Environment = new Dictionary<string, string?> { ["XDG_STATE_HOME"] = Path.Combine(work, $"state{round}"), ["LOCALAPPDATA"] = Path.Combine(work, $"state{round}") },
                });
                await InTurnAsync(round, byHand, checkpoints, () => AddAsync(hand), client.CreateAsync);

                // Both have an index that knows all files by now.
                for (int time = 0; time < 4; time++)
                {
                    await InTurnAsync(round == 0 ? 0 : time + 1, statuses, unchanged, () => GitAsync(hand, "status", "--porcelain"), client.CreateAsync);
                }

                Directory.Delete(hand, recursive: true);
                Directory.Delete(kept, recursive: true);
            }

            return new { files, rounds, byHand = Median(byHand), checkpoint = Median(checkpoints), status = Median(statuses), unchanged = Median(unchanged), all = new { byHand, checkpoints, statuses, unchanged } };
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task InTurnAsync(int round, List<Reading> first, List<Reading> second, Func<Task> one, Func<CancellationToken, Task> other)
    {
        (List<Reading> Readings, Func<Task> Work)[] sides = [(first, one), (second, () => other(CancellationToken.None))];
        foreach ((List<Reading> readings, Func<Task> work) in round % 2 == 0 ? sides : sides.Reverse())
        {
            await RunAsync("sync", null);
            Reading reading = await ReadAsync(work);
            if (round > 0)
            {
                readings.Add(reading);
            }
        }
    }

    private static async Task<Reading> ReadAsync(Func<Task> work)
    {
        double before = ProcessorTime();
        Stopwatch watch = Stopwatch.StartNew();
        await work();
        return new Reading(watch.Elapsed.TotalMilliseconds, ProcessorTime() - before);
    }

    private static Reading Median(List<Reading> readings) => new(Middle(readings.Select(reading => reading.Milliseconds)), Middle(readings.Select(reading => reading.ProcessorMilliseconds)));

    private static double Middle(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return Math.Round(sorted[sorted.Length / 2]);
    }

    // Of this process and of the children that have ended, in milliseconds; a clock tick is 10 of them. Only Linux tells it of children.
    private static double ProcessorTime()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        string[] fields = File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ');
        return fields[11..15].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) * 10;
    }

    private static async Task AddAsync(string folder)
    {
        await GitAsync(folder, "add", "-A");
        await GitAsync(folder, "write-tree");
    }

    private static async Task<string> CopyAsync(string source, string target)
    {
        foreach (string folder in Directory.EnumerateDirectories(source))
        {
            string copy = Path.Combine(target, Path.GetFileName(folder));
            Directory.CreateDirectory(copy);
            foreach (string file in Directory.EnumerateFiles(folder))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }
        }

        await GitAsync(target, "init", "-q");
        return target;
    }

    private static void Write(string folder, int files)
    {
        Random random = new(1);
        for (int i = 0; i < files; i++)
        {
            string place = Path.Combine(folder, (i / FilesInFolder).ToString("0000", CultureInfo.InvariantCulture));
            Directory.CreateDirectory(place);
            StringBuilder text = new();
            for (int line = random.Next(1, LinesAtMost); line > 0; line--)
            {
                text.Append(CultureInfo.InvariantCulture, $"    return value{random.Next(1000)} + {random.Next()};\n");
            }

            File.WriteAllText(Path.Combine(place, i.ToString("000000", CultureInfo.InvariantCulture) + ".cs"), text.ToString());
        }
    }

    private static Task GitAsync(string folder, params string[] arguments) => RunAsync("git", folder, arguments);

    private static async Task RunAsync(string program, string? folder, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, WorkingDirectory = folder ?? string.Empty };
        using Process process = Process.Start(start)!;
        await process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }

    internal sealed record Reading(double Milliseconds, double ProcessorMilliseconds);
}
