namespace Amp;

/// <summary>There is no API key, or the service does not accept it. The CLI's interactive login is never started.</summary>
public sealed class AmpAuthenticationException : AmpException
{
    internal const string WayOut =
        "Set the environment variable AMP_API_KEY to an access token of your Amp account, or run 'amp login' once in a terminal.";

    /// <summary>Makes an exception that says how to log in.</summary>
    public AmpAuthenticationException(string message)
        : base(
            message,
            AmpErrorId.NotAuthenticated,
            WayOut)
    {
    }
}
