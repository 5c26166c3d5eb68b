namespace Amp;

/// <summary>The caller's verification of the agent's work never passed.</summary>
public sealed class AmpVerificationException : AmpException
{
    internal AmpVerificationException(IReadOnlyList<AmpVerification> verifications, ResultMessage? result, string? threadId)
        : base(
            verifications is not [.., AmpVerification last] ? "The agent ended before its work could be verified."
                : last.IsTimedOut ? $"The work was not verified: {last.Text}"
                : $"The work did not pass its verification, after {verifications.Count} {(verifications.Count == 1 ? "try" : "tries")}. {last.Text}",
            AmpErrorId.VerificationFailed,
            $"Look at Verifications of the result, and {(threadId is null ? "run it again" : $"continue thread {threadId}")} when you know what is missing.")
    {
        Verifications = verifications;
        Result = result;
        ThreadId = threadId;
    }

    /// <summary>The verifications, the first one first.</summary>
    public IReadOnlyList<AmpVerification> Verifications { get; }

    /// <summary>The result of the run.</summary>
    public ResultMessage? Result { get; }
}
