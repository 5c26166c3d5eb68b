namespace Amp;

/// <summary>The run ended with an error result.</summary>
public sealed class AmpAgentException : AmpException
{
    /// <summary>Makes an exception that carries the error result.</summary>
    public AmpAgentException(ErrorResultMessage result)
        : base(
            TerminalText.Strip(Checked(result).Error),
            result.Subtype == "error_max_turns" ? AmpErrorId.MaxTurnsReached
                : IsConnectionError(result) ? AmpErrorId.ServiceUnreachable
                : AmpErrorId.AgentError,
            Advice(result))
    {
        Result = result;
        ThreadId = result.SessionId;
    }

    /// <summary>The error result.</summary>
    public ErrorResultMessage Result { get; }

    private static ErrorResultMessage Checked(ErrorResultMessage result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result;
    }

    // The whole text of the CLIs of January 2026, which begin a run without looking for their service.
    private static bool IsConnectionError(ErrorResultMessage result) => result.Error == "Connection error.";

    // The text is that of the CLIs of 2026 (0.0.1774310664 and its neighbours).
    private static string? Advice(ErrorResultMessage result) =>
        result.Error.Contains("require user approval", StringComparison.OrdinalIgnoreCase)
            ? "Allow the tool with a permission rule in the user's or the workspace's Amp settings, "
                + "or let every tool run with DangerouslyAllowAll where nothing can be harmed."
            : IsConnectionError(result) ? "Check the network, the proxy settings, and AMP_URL if it is set."
            : result.SessionId is null ? null : $"Continue thread {result.SessionId} once the cause is gone.";
}
