namespace Amp;

/// <summary>The decision about a tool call.</summary>
public sealed class ApprovalDecision
{
    // The CLI passes it to the model as the tool result, and keeps it in the thread.
    private const int LongestMessage = 16 * 1024;

    private ApprovalDecision(bool isAllowed, string? message)
    {
        IsAllowed = isAllowed;
        Message = message;
    }

    /// <summary>Allows the call.</summary>
    public static ApprovalDecision Allow { get; } = new(isAllowed: true, message: null);

    /// <summary>Whether the call is allowed.</summary>
    public bool IsAllowed { get; }

    /// <summary>The message that the model gets for a rejected call; null if there is none.</summary>
    public string? Message { get; }

    /// <summary>Rejects the call. The run continues.</summary>
    /// <param name="message">The message for the model, for example with a better way. Control characters are removed, and at most 16,384
    /// characters are used.</param>
    public static ApprovalDecision Reject(string? message = null)
    {
        string? text = string.IsNullOrWhiteSpace(message) ? null : TerminalText.Strip(message).Trim();
        return new ApprovalDecision(isAllowed: false, text?.Length > LongestMessage ? text[..LongestMessage] + "…" : text);
    }

    /// <summary>Returns the decision and its message.</summary>
    public override string ToString() => IsAllowed ? "Allow" : Message is null ? "Reject" : $"Reject: {Message}";
}
