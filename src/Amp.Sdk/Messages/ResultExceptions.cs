namespace Amp;

/// <summary>The run ended with an error result, or a tool was denied and you requested an error for denials.</summary>
public sealed class AmpAgentException : AmpException
{
    /// <summary>Creates an exception that contains the error result.</summary>
    public AmpAgentException(ErrorResultMessage result)
        : base(
            Checked(result).Redactor.Redact(TerminalText.Strip(result.Error)),
            result.Subtype == "error_max_turns" ? AmpErrorId.MaxTurnsReached
                : IsConnectionError(result) ? AmpErrorId.ServiceUnreachable
                : result.IsUnauthorized ? AmpErrorId.NotAuthenticated
                : ServiceFaults.IdOf(result.Error) ?? AmpErrorId.AgentError,
            Advice(result))
    {
        Result = result;
        ThreadId = result.SessionId;
    }

    /// <summary>Creates an exception for a run that the CLI reports as successful, but in which a tool was denied.</summary>
    internal AmpAgentException(ResultMessage result)
        : base(
            $"The run continued although tools were denied: {result.Redactor.Redact(string.Join("; ", result.Denials))}",
            AmpErrorId.AgentError,
            "Allow the tool with a permission rule, or omit AmpOptions.FailOnDenial if the run does not require the tool.")
    {
        Result = result;
        ThreadId = result.SessionId;
    }

    /// <summary>The result.</summary>
    public ResultMessage Result { get; }

    private static ErrorResultMessage Checked(ErrorResultMessage result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result;
    }

    // The whole text of the CLIs of January 2026, which start a run without checking their service.
    private static bool IsConnectionError(ErrorResultMessage result) => result.Error == "Connection error.";

    // The text of the CLIs of 2026 (0.0.1774310664 and its neighbors).
    private static string? Advice(ErrorResultMessage result) =>
        result.NeedsApproval
            ? "Allow the tool with a permission rule of the call or in the user's Amp settings, "
                + "or use AmpOptions.DangerouslyAllowAll where nothing can be harmed."
            : result.IsUnauthorized ? AmpAuthenticationException.WayOut
            : IsConnectionError(result) ? ServiceFaults.UnreachableAdvice
            : ServiceFaults.IdOf(result.Error) == AmpErrorId.QuotaExceeded ? ServiceFaults.QuotaAdvice
            : result.SessionId is null ? null : $"Fix the cause, and then continue thread {result.SessionId}.";
}

/// <summary>The run ended without the requested structured answer.</summary>
public sealed class AmpOutputException : AmpException
{
    /// <summary>Creates an exception for a structured answer that is missing or does not match the schema.</summary>
    /// <param name="message">The message.</param>
    /// <param name="errorId"><see cref="AmpErrorId.OutputMissing"/> or <see cref="AmpErrorId.OutputInvalid"/>.</param>
    /// <param name="recommendedAction">The recommended action.</param>
    public AmpOutputException(string message, string errorId, string? recommendedAction)
        : base(message, errorId, recommendedAction)
    {
    }

    /// <summary>The rejected answers as JSON text, oldest first.</summary>
    public IReadOnlyList<string> Rejected { get; init; } = [];

    /// <summary>The result of the run, with the agent's text; null for a turn of a session.</summary>
    public ResultMessage? Result { get; init; }
}

/// <summary>Your verification of the agent's work never succeeded.</summary>
public sealed class AmpVerificationException : AmpException
{
    internal AmpVerificationException(IReadOnlyList<AmpVerification> verifications, ResultMessage? result, string? threadId)
        : base(
            verifications is not [.., AmpVerification { Passed: false } last] ? "The agent ended before its work could be verified."
                : last.IsTimedOut ? $"The work was not verified: {last.Text}"
                : $"The work did not pass its verification, after {verifications.Count} {(verifications.Count == 1 ? "try" : "tries")}. {last.Text}",
            AmpErrorId.VerificationFailed,
            $"See Verifications of the result, and {(threadId is null ? "run it again" : $"continue thread {threadId}")} when you know what is missing.")
    {
        Verifications = verifications;
        Result = result;
        ThreadId = threadId;
    }

    /// <summary>The verifications, in order.</summary>
    public IReadOnlyList<AmpVerification> Verifications { get; }

    /// <summary>The result of the run.</summary>
    public ResultMessage? Result { get; }
}
