namespace Amp;

/// <summary>A second try of a run that the service could not serve.</summary>
/// <param name="Attempt">Which of the run's retries it was, from 1.</param>
/// <param name="ErrorId">What the try before ended with: one of <see cref="AmpErrorId"/>.</param>
/// <param name="Message">The same in words, without secrets.</param>
/// <param name="Delay">How long was waited before it.</param>
public sealed record AmpRetry(int Attempt, string ErrorId, string Message, TimeSpan Delay)
{
    /// <summary>What happened, and how long was waited.</summary>
    public override string ToString() => $"{ErrorId}: {Message} Retry {Attempt} after {Delay.TotalSeconds:0.#} s.";
}
