namespace Amp;

/// <summary>A check of something that a run requires.</summary>
public sealed record ConnectionCheck
{
    /// <summary>The subject of the check: <c>Cli</c>, <c>Key</c> or <c>Service</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the check passed.</summary>
    public required bool Passed { get; init; }

    /// <summary>The result in words.</summary>
    public required string Detail { get; init; }

    /// <summary>The recommended action; null if the check passed.</summary>
    public string? RecommendedAction { get; init; }

    /// <summary>The error, one of <see cref="AmpErrorId"/>; null if the check passed or could not run.</summary>
    public string? ErrorId { get; init; }

    /// <summary>Returns the name and the result.</summary>
    public override string ToString() => $"{Name}: {(Passed ? "passed" : "failed")}";
}
