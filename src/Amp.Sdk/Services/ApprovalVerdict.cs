namespace Amp.Services;

/// <summary>What came of asking.</summary>
/// <param name="IsAllowed">Whether it was a clear yes.</param>
/// <param name="Message">What the model is told of a no; null for no more than that.</param>
/// <param name="Reason">Why it is a no, for the record. What went wrong with the caller's code is nothing for the model.</param>
internal sealed record ApprovalVerdict(bool IsAllowed, string? Message = null, string? Reason = null)
{
    public static ApprovalVerdict Of(ApprovalDecision decision) => new(decision.IsAllowed, decision.Message, decision.Message);

    public static ApprovalVerdict No(string reason) => new(IsAllowed: false, Reason: reason);
}
