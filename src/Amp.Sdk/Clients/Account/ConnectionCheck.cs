namespace Amp;

/// <summary>One thing that has to be right before the agent can run.</summary>
public sealed record ConnectionCheck
{
    /// <summary>What was looked at: <c>Cli</c>, <c>Key</c> or <c>Service</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is right.</summary>
    public required bool Passed { get; init; }

    /// <summary>What was found.</summary>
    public required string Detail { get; init; }

    /// <summary>What to do; null where all is well.</summary>
    public string? RecommendedAction { get; init; }

    /// <summary>One of <see cref="AmpErrorId"/> for what is wrong; null where nothing is, or where it could not be looked at.</summary>
    public string? ErrorId { get; init; }

    /// <summary>Name and verdict.</summary>
    public override string ToString() => $"{Name}: {(Passed ? "passed" : "failed")}";
}
