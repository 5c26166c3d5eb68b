namespace Amp;

/// <summary>A thread of the user's, as far as the CLI tells of it.</summary>
public sealed record AmpThread
{
    /// <summary>The thread's ID, <c>T-</c> and a UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The title; null where it has none yet. See <see cref="IsTitleShortened"/>.</summary>
    public string? Title { get; init; }

    /// <summary>
    /// Whether the title is only the beginning of the real one and ends with <c>...</c>. The tables that CLIs until April 2026 print
    /// leave 20 to 60 characters for it; JSON has all.
    /// </summary>
    public bool IsTitleShortened { get; init; }

    /// <summary>When it was last changed; where <see cref="IsUpdatedEstimated"/> holds, the latest moment that this can have been.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary>Whether <see cref="Updated"/> is reckoned from words such as <c>2h ago</c>, and so up to one such unit too late.</summary>
    public bool IsUpdatedEstimated { get; init; }

    /// <summary>How many messages the user has written in it; null where the CLI does not say.</summary>
    public int? MessageCount { get; init; }

    /// <summary>Who may see it, in the words that options take: <c>private</c>, <c>workspace</c>, <c>group</c>, <c>unlisted</c>,
    /// <c>public</c>. Null where the CLI does not say: JSON does not.</summary>
    public string? Visibility { get; init; }

    /// <summary>The folder that it was started in, as a URI; null where the CLI does not say. JSON of builds from May 2026 on does.</summary>
    public string? Folder { get; init; }

    /// <summary>The ID, so that a thread can be put into a text.</summary>
    public override string ToString() => Id;
}

/// <summary>What a thread has cost, in US dollars, as the CLI says it.</summary>
public sealed record ThreadCost
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
