using System.Globalization;
using System.Text.Json;
using Amp.Bench;
using BenchmarkDotNet.Running;

switch (args)
{
    case ["stream", string path, string messages, string seed]:
        RecordedStream.Write(path, int.Parse(messages, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture));
        return 0;
    case ["longline", string path, string characters]:
        RecordedStream.WriteLongLine(path, int.Parse(characters, CultureInfo.InvariantCulture));
        return 0;
    case ["consume", string kind, string cli, string times]:
        Console.WriteLine(JsonSerializer.Serialize(await SdkConsumer.RunAsync(kind == "read", cli, int.Parse(times, CultureInfo.InvariantCulture))));
        return 0;
    case ["telemetry", string cli, string times]:
        Console.WriteLine(JsonSerializer.Serialize(await SdkConsumer.CompareTelemetryAsync(cli, int.Parse(times, CultureInfo.InvariantCulture))));
        return 0;
    case ["checkpoint", string files, string rounds]:
        Console.WriteLine(JsonSerializer.Serialize(await CheckpointBench.RunAsync(int.Parse(files, CultureInfo.InvariantCulture), int.Parse(rounds, CultureInfo.InvariantCulture))));
        return 0;
    case ["parser", .. string[] rest]:
        BenchmarkRunner.Run<ParserBenchmark>(args: rest);
        return 0;
    default:
        Console.Error.WriteLine("Amp.Bench stream FILE MESSAGES SEED | longline FILE CHARACTERS | consume count|read CLI TIMES | telemetry CLI TIMES | checkpoint FILES ROUNDS | parser [options]");
        return 2;
}
