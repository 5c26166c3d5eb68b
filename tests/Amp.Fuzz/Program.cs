using System.Diagnostics;
using System.Globalization;
using Amp.Fuzz;

// Amp.Fuzz [--lines N] [--seed S] [--stream I]: without a seed, a fresh one, which is printed.
int seed = Number("--seed") ?? Random.Shared.Next();
int lines = Number("--lines") ?? 50_000;
Console.WriteLine($"seed {seed}");
Stopwatch watch = Stopwatch.StartNew();
try
{
    Fuzzer fuzzer = new(seed);
    FuzzTally tally = Number("--stream") is int stream ? await fuzzer.CheckAsync(stream) : await fuzzer.RunAsync(lines);
    Console.WriteLine(tally);
    Console.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s, {Environment.WorkingSet >> 20} MB working set; nothing came out that must not");
    return 0;
}
catch (FuzzFailureException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

int? Number(string name)
{
    int at = Array.IndexOf(args, name);
    return at < 0 ? null : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
}
