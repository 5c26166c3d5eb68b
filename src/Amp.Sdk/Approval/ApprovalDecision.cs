using Amp.Text;

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

    /// <summary>Allows the call.</summary>
    public static ApprovalDecision Allow { get; } = new(isAllowed: true, message: null, reason: null);

    /// <summary>Whether the call is allowed.</summary>
    public bool IsAllowed { get; }

    /// <summary>The message that the model gets for a rejected call; null if there is none.</summary>
    public string? Message { get; }

    /// <summary>
    /// The recorded reason for a rejection: the message, or why there was no decision. The model does not get the latter.
    /// </summary>
    internal string? Reason { get; }

    /// <summary>Rejects the call. The run continues.</summary>
    /// <param name="message">The message for the model, for example with a better way. Control characters are removed, and at most 16,384
    /// characters are used.</param>
    public static ApprovalDecision Reject(string? message = null)
    {
        string? text = string.IsNullOrWhiteSpace(message) ? null : TerminalText.Strip(message).Trim();
        text = text is null ? null : TruncatedText.Shown(text, LongestMessage);
        return new ApprovalDecision(isAllowed: false, text, text);
    }

    /// <summary>Rejects the call, because there was no decision.</summary>
    /// <param name="reason">The reason why there was no decision.</param>
    internal static ApprovalDecision NotMade(string reason) => new(isAllowed: false, message: null, reason);

    /// <summary>Returns the decision and its message.</summary>
    public override string ToString() => IsAllowed ? "Allow" : Message is null ? "Reject" : $"Reject: {Message}";
}
