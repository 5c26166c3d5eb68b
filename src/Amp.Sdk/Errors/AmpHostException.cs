namespace Amp;

/// <summary>
/// A run on another machine could not be started there, or the connection to that machine was lost during the run. <see cref="AmpException.ErrorId"/>
/// contains the reason.
/// </summary>
public sealed class AmpHostException : AmpException
{
    /// <summary>Creates an exception for a host.</summary>
    /// <param name="message">The message, which names the host and the reason.</param>
    /// <param name="errorId">The ID, such as <see cref="AmpErrorId.HostUnreachable"/>.</param>
    /// <param name="hostName">The host, as the caller gave it.</param>
    /// <param name="recommendedAction">The recommended action.</param>
    public AmpHostException(string message, string errorId, string hostName, string? recommendedAction = null)
        : base(message, errorId, recommendedAction) => HostName = hostName;

    /// <summary>The host, as the caller gave it.</summary>
    public string HostName { get; }
}
