namespace Amp;

/// <summary>The run ended without an answer in the shape that was asked for.</summary>
public sealed class AmpOutputException : AmpException
{
    /// <summary>Makes an exception for an answer that is missing or does not fit.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="errorId"><see cref="AmpErrorId.OutputMissing"/> or <see cref="AmpErrorId.OutputInvalid"/>.</param>
    /// <param name="recommendedAction">The way out.</param>
    public AmpOutputException(string message, string errorId, string? recommendedAction)
        : base(message, errorId, recommendedAction)
    {
    }

    /// <summary>The answers that were rejected, as JSON text, the oldest first.</summary>
    public IReadOnlyList<string> Rejected { get; init; } = [];

    /// <summary>The result of the run, with what the agent said; null for a turn of a session.</summary>
    public ResultMessage? Result { get; init; }
}
