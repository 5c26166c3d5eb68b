using System.Collections;
using System.Diagnostics;

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

    private static long Read(StreamMessage message) => message switch
    {
        AssistantMessage assistant => assistant.Text.Length + assistant.ToolUse.Sum(use => (long)((IDictionary)use.Input!).Count),
        UserMessage user => user.Content.OfType<ToolResultContent>().Sum(result => (long)((string)result.Content!).Length),
        _ => 0,
    };
}
