namespace Amp;

/// <summary>A thread of the user, with the details that the CLI reports.</summary>
public sealed record AmpThread
{
    /// <summary>The ID of the thread, <c>T-</c> and a UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The title; null if there is none yet. See <see cref="IsTitleShortened"/>.</summary>
    public string? Title { get; init; }

    /// <summary>
    /// Whether the title is only the beginning of the full title and ends with <c>...</c>. The tables of CLIs until April 2026 show 20 to
    /// 60 characters; JSON contains the full title.
    /// </summary>
    public bool IsTitleShortened { get; init; }

    /// <summary>The time of the last change. If <see cref="IsUpdatedEstimated"/> is true, the latest possible time.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary>
    /// Whether <see cref="Updated"/> was calculated from words such as <c>2h ago</c>, so it can be up to one such unit too late.
    /// </summary>
    public bool IsUpdatedEstimated { get; init; }

    /// <summary>The number of messages from the user; null if the CLI does not report it.</summary>
    public int? MessageCount { get; init; }

    /// <summary>
    /// Who can see the thread, as in options: <c>private</c>, <c>workspace</c>, <c>group</c>, <c>unlisted</c>, <c>public</c>. Null if the
    /// CLI does not report it, as in JSON.
    /// </summary>
    public string? Visibility { get; init; }

    /// <summary>
    /// The folder in which the thread was started, as a URI; null if the CLI does not report it. The JSON of builds of May 2026 or later
    /// contains it.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Returns the ID, so that you can use a thread in a string.</summary>
    public override string ToString() => Id;
}

/// <summary>The cost of a thread in US dollars, as the CLI reports it.</summary>
public sealed record ThreadCost
{
    /// <summary>The ID of the thread.</summary>
    public required string ThreadId { get; init; }

    /// <summary>
    /// The total cost; 0 if nothing was used yet; null if the service cannot report it at the moment, or reports it in an unknown format:
    /// see <see cref="Text"/>.
    /// </summary>
    public decimal? Cost { get; init; }

    /// <summary>The free part of the cost, if the CLI reports it separately.</summary>
    public decimal? FreeCost { get; init; }

    /// <summary>The paid part of the cost, if the CLI reports it separately.</summary>
    public decimal? PaidCost { get; init; }

    /// <summary>The URL of a page with details; null if there is none.</summary>
    public string? DetailsUrl { get; init; }

    /// <summary>The whole text of the CLI.</summary>
    public required string Text { get; init; }
}

/// <summary>The changes to a thread. Null values are not changed.</summary>
public sealed record ThreadChange
{
    /// <summary>Who can see the thread. The available values depend on the CLI.</summary>
    public string? Visibility { get; init; }

    /// <summary>Whether the thread is archived.</summary>
    public bool? IsArchived { get; init; }

    /// <summary>The labels to add: at most 20, each of letters, digits and hyphens.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}
