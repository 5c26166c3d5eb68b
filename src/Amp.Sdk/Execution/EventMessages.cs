using System.Runtime.CompilerServices;

namespace Amp.Execution;

/// <summary>Filters the messages from events, for callers that need nothing else.</summary>
internal static class EventMessages
{
    /// <exception cref="AmpJsonException">After the last message: a line was invalid.</exception>
    public static async IAsyncEnumerable<StreamMessage> OfAsync(
        IAsyncEnumerable<AmpEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        AmpJsonException? invalid = null;
        await foreach (AmpEvent item in events.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (item.Message is StreamMessage message)
            {
                yield return message;
            }

            invalid ??= item.Error;
        }

        // Not at its position, because the valid messages after it would be lost.
        if (invalid is not null)
        {
            throw invalid;
        }
    }
}
