namespace Amp.LocalService.Scenarios;

/// <summary>One answer of the model, or one way in which it fails to come.</summary>
public sealed record ScenarioAnswer
{
    /// <summary>What the model says and calls, in order.</summary>
    public IReadOnlyList<AnswerBlock> Blocks { get; init; } = [];

    /// <summary>The wait before anything is sent.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The wait before the second and every further block.</summary>
    public TimeSpan BlockDelay { get; init; }

    /// <summary>An error answer instead of blocks.</summary>
    public ServiceError? Error { get; init; }

    /// <summary>Where the connection is broken off.</summary>
    public ConnectionCut? Cut { get; init; }

    /// <summary>Never answers: the request stays open until the client gives up or the service stops.</summary>
    public bool Hang { get; init; }

    /// <summary>The stop reason; null for <c>tool_use</c> where a block calls a tool, else <c>end_turn</c>.</summary>
    public string? StopReason { get; init; }

    /// <summary>The token counts to report.</summary>
    public TokenUsage Usage { get; init; } = TokenUsage.Default;

    /// <summary>An answer of these blocks.</summary>
    public static ScenarioAnswer Of(params AnswerBlock[] blocks) => new() { Blocks = blocks };
}

/// <summary>Where the connection is broken off.</summary>
public enum ConnectionCut
{
    /// <summary>Before a byte of the answer.</summary>
    Before,

    /// <summary>After the answer's headers.</summary>
    Headers,

    /// <summary>In the middle of the last block.</summary>
    Middle,
}

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
