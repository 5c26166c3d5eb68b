namespace Amp;

/// <summary>What a code review found.</summary>
public sealed record AmpReview
{
    /// <summary>What the change does, where the CLI says it.</summary>
    public string? Summary { get; init; }

    /// <summary>What the reviewer has to say, by place. Compliments are left out by the CLI itself.</summary>
    public IReadOnlyList<ReviewComment> Comments { get; init; } = [];

    /// <summary>All that the CLI wrote, without control sequences: for what no property shows.</summary>
    public required string Text { get; init; }

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}

/// <summary>One remark of a code review.</summary>
public sealed record ReviewComment
{
    /// <summary>The file that it is about, as the CLI names it.</summary>
    public required string File { get; init; }

    /// <summary>The first line that it is about, where the CLI says it.</summary>
    public int? Line { get; init; }

    /// <summary>The last line that it is about, where the CLI says it.</summary>
    public int? EndLine { get; init; }

    /// <summary>How bad it is, in the CLI's word: <c>critical</c>, <c>high</c>, <c>medium</c>, <c>low</c>; CLIs that print text do not say it.</summary>
    public string? Severity { get; init; }

    /// <summary>What is to be said.</summary>
    public required string Text { get; init; }

    /// <summary>Fields of the CLI's JSON that have no property here, as plain objects.</summary>
    public System.Collections.Specialized.OrderedDictionary AdditionalProperties { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Place and text.</summary>
    public override string ToString() => $"{File}{(Line is null ? string.Empty : $":{Line}")} {Text}";
}

/// <summary>What is to be reviewed, and how.</summary>
public sealed record ReviewOptions
{
    /// <summary>Which changes, in words or as a Git range; by default those that are not committed.</summary>
    public string? Diff { get; init; }

    /// <summary>The files to look at most.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>What the reviewer is told beside. It goes by the arguments, which others on the machine can read: the CLI has no other way.</summary>
    public string? Instruction { get; init; }

    /// <summary>Only says what the change does.</summary>
    public bool SummaryOnly { get; init; }

    /// <summary>Lets the reviewer call every tool. The CLI of March 2026 does no review without it.</summary>
    public bool DangerouslyAllowAll { get; init; }
}
