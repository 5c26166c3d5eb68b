namespace Amp.Messages;

/// <summary>What one message used, read in passing; nothing for messages that are not the model's.</summary>
/// <param name="Tokens">The tokens that no message before it has told.</param>
/// <param name="IsTold">Whether the CLI told them.</param>
/// <param name="ToolUses">How many tools it calls.</param>
/// <param name="IsTurn">Whether it is an answer of the main agent, and no further part of one.</param>
internal readonly record struct StepCount(long Tokens, bool IsTold, int ToolUses, bool IsTurn);
