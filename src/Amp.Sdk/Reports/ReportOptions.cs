namespace Amp;

/// <summary>The formats of a report.</summary>
public enum ReportFormat
{
    /// <summary>An HTML page in a single file, which loads nothing.</summary>
    Html,

    /// <summary>GitHub Flavored Markdown, for a pull request or the summary of a job.</summary>
    Markdown,
}

/// <summary>How much a report contains.</summary>
public enum ReportDetail
{
    /// <summary>Everything, including tool calls, their results, thinking, subagents and warnings.</summary>
    Full,

    /// <summary>The summary, the prompts and the texts of the agent.</summary>
    Focused,
}

/// <summary>The options of a report.</summary>
public sealed record ReportOptions
{
    /// <summary>The format.</summary>
    public ReportFormat Format { get; init; }

    /// <summary>How much the report contains.</summary>
    public ReportDetail Detail { get; init; }

    /// <summary>The title; null for the title or prompt of the run, or the number of runs.</summary>
    public string? Title { get; init; }
}
