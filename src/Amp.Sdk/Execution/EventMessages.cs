using System.Runtime.CompilerServices;

namespace Amp.Execution;

/// <summary>The messages among events, for callers who want nothing else.</summary>
internal static class EventMessages
{
    /// <exception cref="AmpJsonException">After the last message: a line was broken.</exception>
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

        // Not at its place: the intact messages behind it would be lost.
        if (invalid is not null)
        {
            throw invalid;
        }
    }
}
