namespace Amp;

/// <summary>A session cannot do what was asked of it in the state it is in. Nothing was sent.</summary>
public sealed class AmpSessionException : AmpException
{
    /// <summary>Makes an exception for a session's state.</summary>
    /// <param name="message">What was asked, and why it cannot be done.</param>
    /// <param name="errorId"><see cref="AmpErrorId.SessionBusy"/> or <see cref="AmpErrorId.SessionEnded"/>.</param>
    /// <param name="recommendedAction">The way out.</param>
    public AmpSessionException(string message, string errorId, string? recommendedAction)
        : base(message, errorId, recommendedAction)
    {
    }
}
