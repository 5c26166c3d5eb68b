namespace Amp;

/// <summary>A tool call of a run that was not allowed.</summary>
/// <param name="Tool">The tool's name; empty where the CLI does not tell.</param>
/// <param name="Reason">Why, in the CLI's words.</param>
public sealed record ToolDenial(string Tool, string Reason)
{
    /// <summary>The ID of the call, as it stands in the message that calls the tool; null where the CLI does not tell.</summary>
    public string? ToolUseId { get; init; }

    /// <summary>Tool and reason.</summary>
    public override string ToString() => $"{Tool}: {Reason}";
}
