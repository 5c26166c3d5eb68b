namespace Amp;

/// <summary>The run was ended because it took too long in total, or because the CLI was silent for too long.</summary>
public sealed class AmpTimeoutException : AmpException
{
    /// <summary>Makes an exception for the limit that was reached.</summary>
    /// <param name="message">Which limit, and what had happened until then.</param>
    /// <param name="errorId"><see cref="AmpErrorId.Timeout"/> or <see cref="AmpErrorId.IdleTimeout"/>.</param>
    /// <param name="limit">The limit that was reached.</param>
    /// <param name="recommendedAction">The way out.</param>
    public AmpTimeoutException(string message, string errorId, TimeSpan limit, string? recommendedAction)
        : base(message, errorId, recommendedAction) => Limit = limit;

    /// <summary>The limit that was reached.</summary>
    public TimeSpan Limit { get; }

    /// <summary>The end of what the CLI had written to its standard error.</summary>
    public string StandardError { get; init; } = string.Empty;
}
