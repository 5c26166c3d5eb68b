using System.Diagnostics;
using System.Globalization;
using Amp.Soak;

// Amp.Soak [--runs N] [--parallel N] [--settled N] [--ending NAME]: runs with every kind of ending, some at a time, and then counts what is held;
// it is held against what was held after the first --settled runs.
if (args is ["--record", string transcript, string cli])
{
    // A host of a run, for tests that kill it.
    await foreach (Amp.StreamMessage message in Amp.AmpClient.ExecuteAsync("Say hello", new Amp.AmpOptions { CliPath = cli, TranscriptPath = transcript }))
    {
        Console.WriteLine(message.Type);
    }

    return 0;
}

if (!OperatingSystem.IsLinux())
{
    Console.Error.WriteLine("The soak counts the entries of /proc, which only Linux has.");
    return 2;
}

int runs = Number("--runs", 10_000);
int parallel = Number("--parallel", 8);
int settled = Number("--settled", 100);
Ending[] endings = Array.IndexOf(args, "--ending") is int given and >= 0 ? [Enum.Parse<Ending>(args[given + 1])] : Enum.GetValues<Ending>();
List<string> faults = [];
using SoakPlace place = new();

Stopwatch watch = Stopwatch.StartNew();
await RunAsync(0, settled);
Holdings before = Holdings.Of(place);
Console.WriteLine($"after {settled,6} runs: {before}");
for (int done = settled; done < runs;)
{
    int next = Math.Min(runs, done + 1000);
    await RunAsync(done, next);
    done = next;
    Console.WriteLine($"after {done,6} runs: {Holdings.Of(place)}");
}

string more = Holdings.Of(place).MoreThan(before);
foreach (string fault in faults.Take(20))
{
    Console.WriteLine(fault);
}

Console.WriteLine($"{runs} runs with {endings.Length} endings, {parallel} at a time, {watch.Elapsed.TotalSeconds:0} s: "
    + $"{faults.Count} ended otherwise; {(more.Length == 0 ? "all is back where it was" : $"held: {more}")}");
return faults.Count == 0 && more.Length == 0 ? 0 : 1;

Task RunAsync(int from, int to) => Parallel.ForEachAsync(
    Enumerable.Range(from, to - from),
    new ParallelOptions { MaxDegreeOfParallelism = parallel },
    async (number, _) =>
    {
        if (await SoakRun.FaultAsync(endings[number % endings.Length], place) is string fault)
        {
            lock (faults)
            {
                faults.Add($"run {number}: {fault}");
            }
        }
    });

int Number(string name, int otherwise)
{
    int at = Array.IndexOf(args, name);
    return at < 0 ? otherwise : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
}
