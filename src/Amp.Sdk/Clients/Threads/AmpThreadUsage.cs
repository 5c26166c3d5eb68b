namespace Amp;

/// <summary>What a thread has cost, in US dollars, as the CLI says it.</summary>
public sealed record AmpThreadUsage
{
    /// <summary>The thread's ID.</summary>
    public required string ThreadId { get; init; }

    /// <summary>What it has cost altogether; 0 where nothing was used yet, null where the service does not know
    /// at the moment, or says it in a way that is not known: see <see cref="Text"/>.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The part of it that was free, where the CLI tells it apart.</summary>
    public decimal? FreeCost { get; init; }

    /// <summary>The part of it that is paid, where the CLI tells it apart.</summary>
    public decimal? PaidCost { get; init; }

    /// <summary>A page with the details; null where there is none.</summary>
    public string? DetailsUrl { get; init; }

    /// <summary>All that the CLI wrote.</summary>
    public required string Text { get; init; }
}
