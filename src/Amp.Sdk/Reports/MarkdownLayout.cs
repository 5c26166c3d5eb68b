using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Amp.Reports;

/// <summary>Markdown as on GitHub. What the agent wrote stays Markdown, but without HTML, images, mentions and links to other schemes.</summary>
internal sealed partial class MarkdownLayout : ReportLayout
{
    // A summary of a job has room for 1 MiB.
    private const int LongestInput = 2 * 1024;
    private const int LongestResult = 4 * 1024;
    private const int LongestPrompt = 4 * 1024;
    private const int LongestAnswer = 64 * 1024;
    private const int LongestDiff = 8 * 1024;

    private readonly ReportMarkdown _markdown = new();

    public MarkdownLayout(ReportText text)
        : base(text)
    {
    }

    public override void Begin(StringBuilder to, string title, IReadOnlyList<ReportedRun> runs)
    {
        to.Append("# ").Append(Inline(title)).Append("\n\n");
        if (runs.Count == 1)
        {
            return;
        }

        to.Append("| Run | Outcome | Duration | Tokens | Cost | Tool calls | Denials |\n|---|---|--:|--:|--:|--:|--:|\n");
        foreach (ReportedRun run in runs)
        {
            to.Append(CultureInfo.InvariantCulture, $"| {run.Number}. {Inline(NameOf(run))} | {Sign(run)} {OutcomeOf(run)} | {(run.Duration is TimeSpan duration ? Readable(duration) : string.Empty)} | {Number(run.Total.TotalTokens)} | {(run.Total.Cost is decimal cost ? cost.ToString("$0.00##", CultureInfo.InvariantCulture) : string.Empty)} | {Number(run.Calls)} | {Number(run.DenialCount)} |\n");
        }

        to.Append('\n');
    }

    public override void BeginRun(StringBuilder to, ReportedRun run, bool isOnly)
    {
        to.Append(isOnly ? "## Summary" : $"## {run.Number.ToString(CultureInfo.InvariantCulture)}. {Inline(NameOf(run))}").Append("\n\n| | |\n|---|---|\n");
        foreach ((string label, string value) in FactsOf(run))
        {
            to.Append("| ").Append(label).Append(" | ").Append(label == "Outcome" ? Sign(run) + " " : string.Empty).Append(Inline(value)).Append(" |\n");
        }

        to.Append('\n');
        if (run.Error is string error)
        {
            to.Append("**Error**\n\n");
            AppendFence(to, Text.Clean(error, LongestInput), string.Empty);
        }

        AppendFiles(to, run);
        AppendDenials(to, run);
        to.Append("### Conversation\n\n");
    }

    public override void EndRun(StringBuilder to) => to.Append('\n');

    public override void End(StringBuilder to)
    {
    }

    public override void Prompt(StringBuilder to, string text, Place place)
    {
        to.Append(place.IsSubagent ? "**To the subagent**\n\n" : "**Prompt**\n\n");
        AppendFence(to, Text.Clean(text, LongestPrompt), "text");
    }

    public override void Answer(StringBuilder to, string text, Place place)
    {
        to.Append(place.IsSubagent ? "**Subagent**" : "**Agent**").Append(place.Time is TimeSpan time ? $" ({Readable(time)})\n\n" : "\n\n");
        AppendMarkdown(to, text);
    }

    public override void Thinking(StringBuilder to, string text)
    {
        BeginDetails(to, "Thinking", null);
        AppendMarkdown(to, text);
        to.Append("</details>\n\n");
    }

    public override void CallHead(StringBuilder to, CallFacts call)
    {
        string end = string.Join(", ", ((string?[])[call.State, call.Duration is TimeSpan duration ? Readable(duration) : null]).OfType<string>());
        BeginDetails(to, $"{call.Tool}: {call.Subject}", end.Length == 0 ? null : end);
    }

    public override void CallInput(StringBuilder to, ToolUseContent call)
    {
        if (ReplacementOf(call) is string replacement)
        {
            AppendFence(to, Text.Clean(replacement, LongestInput), "diff");
            return;
        }

        foreach ((string name, string value) in InputsOf(call))
        {
            to.Append(Inline(Text.CleanLine(name, 60))).Append(":\n\n");
            AppendFence(to, Text.Clean(value, LongestInput), IsDiff(value) ? "diff" : "text");
        }
    }

    public override void CallResult(StringBuilder to, string text, bool isFailed)
    {
        to.Append(isFailed ? "Failed:\n\n" : "Result:\n\n");
        AppendFence(to, Text.Clean(text, LongestResult), IsDiff(text) ? "diff" : "text");
    }

    public override void CallEnd(StringBuilder to) => to.Append("</details>\n\n");

    public override void Note(StringBuilder to, string kind, string text, bool isBad)
    {
        to.Append(isBad ? "> ⚠️ **" : "> **").Append(Inline(Text.CleanLine(kind, 100))).Append("** ").Append(Inline(Text.CleanLine(text, LongestInput))).Append("\n\n");
    }

    private void AppendFiles(StringBuilder to, ReportedRun run)
    {
        if (run.Changes.Count > 0)
        {
            to.Append("**Changed files**\n\n");
            foreach (FileDifference change in run.Changes)
            {
                to.Append("- ").Append(Code(change.PreviousPath is null ? change.Path : $"{change.PreviousPath} -> {change.Path}")).Append(' ').Append(ChangeOf(change)).Append('\n');
            }

            if (MoreThan(run.Changes.Count, run.ChangeCount) is string more)
            {
                to.Append("- ").Append(more).Append('\n');
            }

            to.Append('\n');
            if (run.HasCalls)
            {
                foreach (FileDifference change in run.Changes.Take(20))
                {
                    if (change.Diff is string diff)
                    {
                        BeginDetails(to, change.Path, null);
                        AppendFence(to, Text.Clean(diff, LongestDiff), "diff");
                        to.Append("</details>\n\n");
                    }
                }
            }
        }
        else if (run.Files.Count > 0)
        {
            to.Append("**Files that tools were told to write**\n\n");
            foreach (string file in run.Files)
            {
                to.Append("- ").Append(Code(file)).Append('\n');
            }

            to.Append(run.HasMoreFiles ? "- and more\n\n" : "\n");
        }
    }

    private void AppendDenials(StringBuilder to, ReportedRun run)
    {
        if (run.Denials.Count > 0)
        {
            to.Append("**Denied calls**\n\n| Tool | Subject | Reason |\n|---|---|---|\n");
            foreach (ToolDenial denial in run.Denials)
            {
                to.Append("| ").Append(Inline(Text.CleanLine(denial.Tool, 80))).Append(" | ").Append(Inline(Text.CleanLine(SubjectOf(denial), 160)))
                    .Append(" | ").Append(Inline(Text.CleanLine(denial.Reason, 300))).Append(" |\n");
            }

            to.Append('\n');
            if (MoreThan(run.Denials.Count, run.DenialCount) is string more)
            {
                to.Append(more).Append("\n\n");
            }
        }
    }

    private static string Sign(ReportedRun run) => IsGood(run) ? "✅" : "⚠️";

    private void BeginDetails(StringBuilder to, string title, string? end)
    {
        to.Append("<details><summary>").AppendText(Unmentioned(Text.CleanLine(title, 200)));
        if (end is not null)
        {
            to.Append(" (").AppendText(end).Append(')');
        }

        to.Append("</summary>\n\n");
    }

    private void AppendMarkdown(StringBuilder to, string text)
    {
        text = TerminalText.Escaped(ReportText.Shorten(Text.RedactMarkdown(text), LongestAnswer));
        if (_markdown.ToSafeMarkdown(text) is not string markdown || _markdown.ToHtml(markdown) is not string html)
        {
            AppendFence(to, text, "text");
        }
        else if (Text.FindIn(HtmlText.Shown(html)) is string masked)
        {
            AppendFence(to, TerminalText.Escaped(masked), "text");
        }
        else
        {
            to.Append(markdown.TrimEnd()).Append("\n\n");
        }
    }

    // Longer than any fence in the text, so that the text cannot end it.
    private static void AppendFence(StringBuilder to, string text, string language)
    {
        int longest = 2;
        int count = 0;
        foreach (char c in text)
        {
            count = c == '`' ? count + 1 : 0;
            longest = Math.Max(longest, count);
        }

        string fence = new('`', longest + 1);
        to.Append(fence).Append(language).Append('\n').Append(text.TrimEnd('\n')).Append('\n').Append(fence).Append("\n\n");
    }

    // A code span cannot contain its own end.
    private string Code(string text) => $"`{Text.CleanLine(text, 400).Replace('`', '\'').Replace("|", "\\|", StringComparison.Ordinal)}`";

    /// <summary>A line of text without any meaning in Markdown.</summary>
    private static string Inline(string text)
    {
        StringBuilder result = new(text.Length + 16);
        foreach (char c in text)
        {
            _ = c switch
            {
                '<' => result.Append("&lt;"),
                '>' => result.Append("&gt;"),
                '&' => result.Append("&amp;"),
                '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '#' or '~' or '!' => result.Append('\\').Append(c),
                _ => result.Append(c),
            };
        }

        return Unmentioned(result.ToString());
    }

    // A word joiner is not shown, and ends the name of a user and the number of an issue.
    private static string Unmentioned(string text) => Mention().Replace(text, "$0\u2060");

    [GeneratedRegex("@|#(?=[0-9])|GH-(?=[0-9])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Mention();
}
