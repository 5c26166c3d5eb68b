namespace Amp.LocalService.Scenarios;

/// <summary>The token counts of one answer.</summary>
/// <param name="InputTokens">Tokens read.</param>
/// <param name="OutputTokens">Tokens written.</param>
/// <param name="CacheCreationInputTokens">Tokens put into the prompt cache.</param>
/// <param name="CacheReadInputTokens">Tokens taken from the prompt cache.</param>
public sealed record TokenUsage(int InputTokens, int OutputTokens, int CacheCreationInputTokens = 0, int CacheReadInputTokens = 0)
{
    /// <summary>What an answer reports that says nothing else: 10 in, 20 out.</summary>
    public static TokenUsage Default { get; } = new(10, 20);
}
