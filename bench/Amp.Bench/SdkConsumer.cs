using System.Collections;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Amp.Bench;

/// <summary>Reads a whole run through the SDK alone, as its users do.</summary>
internal static class SdkConsumer
{
    public static async Task<object> RunAsync(bool readsAll, string cli, int times)
    {
        AmpOptions options = new() { CliPath = cli };

        // What the CLI can do is asked once for each file, not once for each run.
        await AmpClient.GetCliAsync(options);
        List<double> figures = [];
        int messages = 0;
        long characters = 0;
        for (int time = 0; time < times; time++)
        {
            messages = 0;
            Stopwatch watch = Stopwatch.StartNew();
            await foreach (StreamMessage message in AmpClient.ExecuteAsync("go", options))
            {
                messages++;
                if (readsAll)
                {
                    characters += Read(message);
                }
            }

            figures.Add(watch.Elapsed.TotalMilliseconds);
        }

        return new
        {
            figures,
            messages,
            characters,
            peakMegabytes = Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0,
        };
    }

    /// <summary>
    /// The same run by turns without a listener, and with one that takes every trace and metric, so that what the machine does meanwhile falls on both.
    /// </summary>
    public static async Task<object> CompareTelemetryAsync(string cli, int times)
    {
        AmpOptions options = new() { CliPath = cli };
        await AmpClient.GetCliAsync(options);
        await RunOnceAsync(options);
        List<double> without = [];
        List<double> with = [];
        int activities = 0;
        int measurements = 0;
        for (int time = 0; time < times; time++)
        {
            without.Add(await RunOnceAsync(options));
            using ActivityListener listener = new()
            {
                ShouldListenTo = source => source.Name == AmpTelemetry.SourceName,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ => activities++,
            };
            ActivitySource.AddActivityListener(listener);
            using MeterListener meters = new()
            {
                InstrumentPublished = (instrument, self) =>
                {
                    if (instrument.Meter.Name == AmpTelemetry.SourceName)
                    {
                        self.EnableMeasurementEvents(instrument);
                    }
                },
            };
            meters.SetMeasurementEventCallback<long>((_, _, _, _) => measurements++);
            meters.SetMeasurementEventCallback<double>((_, _, _, _) => measurements++);
            meters.Start();
            with.Add(await RunOnceAsync(options));
        }

        return new { without, with, activities = activities / times, measurements = measurements / times };
    }

    private static async Task<double> RunOnceAsync(AmpOptions options)
    {
        Stopwatch watch = Stopwatch.StartNew();
        await foreach (StreamMessage _ in AmpClient.ExecuteAsync("go", options))
        {
        }

        return watch.Elapsed.TotalMilliseconds;
    }

    private static long Read(StreamMessage message) => message switch
    {
        AssistantMessage assistant => assistant.Text.Length + assistant.ToolUse.Sum(use => (long)((IDictionary)use.Input!).Count),
        UserMessage user => user.Content.OfType<ToolResultContent>().Sum(result => (long)((string)result.Content!).Length),
        _ => 0,
    };
}
