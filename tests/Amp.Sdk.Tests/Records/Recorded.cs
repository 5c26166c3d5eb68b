namespace Amp.Sdk.Tests.Records;

/// <summary>What the reader makes of a file.</summary>
internal static class Recorded
{
    public static async Task<List<TranscriptEntry>> ReadAsync(string path, bool waitForEnd = false)
    {
        List<TranscriptEntry> entries = [];
        await foreach (TranscriptEntry entry in TranscriptReader.ReadAsync(path, waitForEnd, TestContext.Current.CancellationToken))
        {
            entries.Add(entry);
        }

        return entries;
    }

    public static List<StreamMessage> Messages(this IEnumerable<TranscriptEntry> entries) => [.. entries.Select(entry => entry.Message).OfType<StreamMessage>()];

    public static string Kinds(this IEnumerable<TranscriptEntry> entries) => string.Join(' ', entries.Select(entry => entry.Message?.Type ?? entry.Kind.ToString()));
}
