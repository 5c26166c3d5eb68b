namespace Amp;

/// <summary>What is to be changed of a thread; what is null stays as it is.</summary>
public sealed record ThreadChange
{
    /// <summary>Who may see it; the CLI decides which values there are.</summary>
    public string? Visibility { get; init; }

    /// <summary>Whether it is archived.</summary>
    public bool? IsArchived { get; init; }

    /// <summary>Labels to add to those that it has: at most 20, of letters, digits and hyphens.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}
