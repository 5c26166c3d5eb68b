namespace Amp;

/// <summary>The result of a code review.</summary>
public sealed record AmpReview
{
    /// <summary>A summary of the change, if the CLI returns one.</summary>
    public string? Summary { get; init; }

    /// <summary>The comments, by place. The CLI itself omits compliments.</summary>
    public IReadOnlyList<ReviewComment> Comments { get; init; } = [];

    /// <summary>The whole text of the CLI, without control sequences. It includes everything that has no property.</summary>
    public required string Text { get; init; }

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;
}

/// <summary>A comment of a code review.</summary>
public sealed record ReviewComment
{
    /// <summary>The file, as the CLI names it.</summary>
    public required string File { get; init; }

    /// <summary>The first line, if the CLI reports it.</summary>
    public int? Line { get; init; }

    /// <summary>The last line, if the CLI reports it.</summary>
    public int? EndLine { get; init; }

    /// <summary>
    /// The severity in the CLI's words: <c>critical</c>, <c>high</c>, <c>medium</c>, <c>low</c>. CLIs that print text do not report it.
    /// </summary>
    public string? Severity { get; init; }

    /// <summary>The text of the comment.</summary>
    public required string Text { get; init; }

    /// <summary>The fields of the CLI's JSON without a property, as plain objects.</summary>
    public System.Collections.Specialized.OrderedDictionary AdditionalProperties { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Returns the place and the text.</summary>
    public override string ToString() => $"{File}{(Line is null ? string.Empty : $":{Line}")} {Text}";
}

/// <summary>The options of a review.</summary>
public sealed record ReviewOptions
{
    /// <summary>The changes to review, in words or as a Git range. By default, the uncommitted changes.</summary>
    public string? Diff { get; init; }

    /// <summary>The files to focus on.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>
    /// Additional instructions for the reviewer. They are passed as an argument, which other users of the machine can read; the CLI has no
    /// other way.
    /// </summary>
    public string? Instruction { get; init; }

    /// <summary>Returns only a summary of the change.</summary>
    public bool SummaryOnly { get; init; }

    /// <summary>Allows the reviewer to call every tool. The CLI of March 2026 requires it for a review.</summary>
    public bool DangerouslyAllowAll { get; init; }
}
