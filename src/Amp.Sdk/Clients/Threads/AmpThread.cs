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
