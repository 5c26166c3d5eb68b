using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Amp.Reports;

/// <summary>Reads a transcript, and parses what a report needs of its messages, on another thread than the one that makes the report.</summary>
internal static class ReadAhead
{
    // Two threads that met for every message would be slower than one. What waits is limited in bytes too, since lines can be huge.
    private const int BatchEntries = 128;
    private const int BatchBytes = 256 * 1024;
    private const int MostBatches = 2;

    /// <summary>Reads a file as <see cref="TranscriptReader"/> does.</summary>
    /// <exception cref="AmpValidationException">The file cannot be read.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public static async IAsyncEnumerable<TranscriptEntry> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<List<TranscriptEntry>> batches = Channel.CreateBounded<List<TranscriptEntry>>(new BoundedChannelOptions(MostBatches) { SingleReader = true, SingleWriter = true });
        using CancellationTokenSource left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = Task.Run(() => ReadAsync(path, batches.Writer, left.Token), CancellationToken.None);
        try
        {
            await foreach (List<TranscriptEntry> batch in batches.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                foreach (TranscriptEntry entry in batch)
                {
                    yield return entry;
                }
            }

            await EndAsync(reading, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Who leaves early does not leave the file open.
            await left.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task EndAsync(Task reading, CancellationToken cancellationToken)
    {
        try
        {
            await reading.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }
    }

    private static async Task ReadAsync(string path, ChannelWriter<List<TranscriptEntry>> batches, CancellationToken cancellationToken)
    {
        try
        {
            List<TranscriptEntry> batch = [];
            int bytes = 0;
            await foreach (TranscriptEntry entry in TranscriptReader.ReadAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                batch.Add(entry);
                bytes += entry.Message is StreamMessage message ? Parse(message) : 0;
                if (batch.Count >= BatchEntries || bytes >= BatchBytes)
                {
                    await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                    batch = [];
                    bytes = 0;
                }
            }

            await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            batches.Complete();
        }
    }

    // The properties read their content on first use, and keep it.
    private static int Parse(StreamMessage message)
    {
        foreach (ContentBlock block in message.Content)
        {
            _ = (block as ToolResultContent)?.Output;
        }

        return message.Line.Length;
    }
}
