namespace Amp;

/// <summary>The decision about a tool call.</summary>
public sealed class ApprovalDecision
{
    // The CLI passes it to the model as the tool result, and keeps it in the thread.
    private const int LongestMessage = 16 * 1024;

    private ApprovalDecision(bool isAllowed, string? message, string? reason)
    {
        IsAllowed = isAllowed;
        Message = message;
        Reason = reason;
    }

    /// <summary>The call is made.</summary>
    public static ApprovalDecision Allow { get; } = new(isAllowed: true, message: null, reason: null);

    /// <summary>Whether the call is allowed.</summary>
    public bool IsAllowed { get; }

    /// <summary>The message that the model gets for a rejected call; null if there is none.</summary>
    public string? Message { get; }

    /// <summary>
    /// Why the call is not made, for the record: the message, or what kept a decision from being made. The model is not told the latter.
    /// </summary>
    internal string? Reason { get; }

    /// <summary>The call is not made; the run goes on.</summary>
    /// <param name="message">What the model is told, so that it can do better; without control sequences and at most 16,384 characters of it.</param>
    public static ApprovalDecision Reject(string? message = null)
    {
        string? text = string.IsNullOrWhiteSpace(message) ? null : TerminalText.Strip(message).Trim();
        text = text?.Length > LongestMessage ? text[..LongestMessage] + "…" : text;
        return new ApprovalDecision(isAllowed: false, text, text);
    }

    /// <summary>The call is not made, since nobody has made a decision.</summary>
    /// <param name="reason">What kept it from being made.</param>
    internal static ApprovalDecision NotMade(string reason) => new(isAllowed: false, message: null, reason);

    /// <summary>The decision and its message.</summary>
    public override string ToString() => IsAllowed ? "Allow" : Message is null ? "Reject" : $"Reject: {Message}";
}
