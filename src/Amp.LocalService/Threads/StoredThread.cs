using System.Text.RegularExpressions;

namespace Amp.LocalService.Threads;

/// <summary>A thread as the service keeps it.</summary>
public sealed record StoredThread
{
    /// <summary>The thread's ID.</summary>
    public required string Id { get; init; }

    /// <summary>The title; null until the CLI has given it one.</summary>
    public string? Title { get; init; }

    /// <summary>When the CLI made it.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was last uploaded or changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The CLI's version counter of it; a higher one replaces a lower one.</summary>
    public required long Version { get; init; }

    /// <summary>The number of the user's messages, which is what the CLI shows as Messages.</summary>
    public required int MessageCount { get; init; }

    /// <summary>The number of the model's messages.</summary>
    public int AnswerCount { get; init; }

    /// <summary>Whether it is archived.</summary>
    public bool IsArchived { get; init; }

    /// <summary>The visibility in the service's words, such as <c>private</c> or <c>thread_workspace_shared</c>.</summary>
    public string Visibility { get; init; } = "private";

    /// <summary>The groups it is shared with.</summary>
    public IReadOnlyList<string> SharedGroupIds { get; init; } = [];

    /// <summary>Its labels.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The whole thread as the CLI uploaded it.</summary>
    public required string Json { get; init; }
}

/// <summary>Tells thread IDs from anything else; an ID also becomes a file name, so nothing else may pass.</summary>
internal static partial class ThreadId
{
    public static bool IsValid(string? text) => text is not null && Pattern().IsMatch(text);

    [GeneratedRegex(@"\AT-[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
