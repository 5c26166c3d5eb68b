namespace Amp;

/// <summary>What this side knows of the end of a turn.</summary>
internal sealed record TurnEnd
{
    /// <summary>Whether the turn goes on, since the agent is told more of this side's own accord.</summary>
    public bool IsFollowedUp { get; init; }

    /// <summary>The answer in the shape that was asked for.</summary>
    public object? Output { get; init; }

    /// <summary>The same as JSON text.</summary>
    public string? OutputJson { get; init; }

    /// <summary>Why there is no such answer.</summary>
    public AmpException? Failure { get; init; }
}
