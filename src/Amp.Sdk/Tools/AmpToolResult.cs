namespace Amp;

/// <summary>What a call of a tool came to.</summary>
/// <param name="Text">What the agent is told.</param>
/// <param name="IsError">Whether the tool failed.</param>
public sealed record AmpToolResult(string Text, bool IsError = false);
