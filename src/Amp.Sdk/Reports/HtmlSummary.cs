using System.Globalization;
using System.Text;

namespace Amp.Reports;

/// <summary>The beginning of a run on the page: its facts, its time line, and what happened to files and calls.</summary>
internal static class HtmlSummary
{
    private const int LaneHeight = 16;
    private const int LongestDiff = 256 * 1024;
    private const int MostDiffs = 200;

    public static void Write(
        StringBuilder to, ReportedRun run, string name, bool isOnly, ReportText text, IEnumerable<(string Label, string Value)> facts, string outcome, bool isGood)
    {
        to.Append("<section class=\"run\" id=\"r").Append(run.Number).Append("\"><h2 dir=\"auto\">").AppendText(isOnly ? "Summary" : name)
            .Append(" <span class=\"badge").Append(isGood ? " good\">" : " bad\">").Append(outcome).Append("</span></h2>\n<dl class=\"facts\">");
        foreach ((string label, string value) in facts.Skip(1))
        {
            to.Append("<div><dt>").Append(label).Append("</dt><dd dir=\"auto\">").AppendText(value).Append("</dd></div>");
        }

        to.Append("</dl>\n");
        if (run.Error is string error)
        {
            to.Append("<p class=\"n bad\"><b>Error</b> <span class=\"plain\">").AppendText(text.Clean(error, 4000)).Append("</span></p>\n");
        }

        WriteTimeline(to, run);
        WriteFiles(to, run, text);
        WriteTable(to, "Denied calls", run.DenialCount, ["Tool", "Subject", "Reason"], run.Denials.Select(denial => (string[])
        [
            Linked(run, denial.ToolUseId, text.CleanLine(denial.Tool, 80)),
            Escaped(text.CleanLine(ReportLayout.SubjectOf(denial), 160)),
            Escaped(text.CleanLine(denial.Reason, 300)),
        ]));
        WriteTable(to, "Decisions", run.ApprovalCount, ["Tool", "Decision", "Reason"], run.Approvals.Select(approval => (string[])
        [
            Escaped(text.CleanLine(approval.ToolName, 80)), approval.IsAllowed ? "allowed" : "rejected", Escaped(text.CleanLine(approval.Reason ?? string.Empty, 300)),
        ]));
        WriteTable(to, "Verifications", run.VerificationCount, ["Result", "Feedback"], run.Verifications.Select(verification => (string[])
        [
            verification.Passed ? "passed" : "failed", Escaped(text.CleanLine(verification.Text ?? string.Empty, 300)),
        ]));
        WriteTable(to, "Retries", run.RetryCount, ["Error", "Message"], run.Retries.Select(retry => (string[])[Escaped(text.CleanLine(retry.ErrorId, 80)), Escaped(text.CleanLine(retry.Message, 300))]));
        if (run.End?.StandardError is { Length: > 0 } standardError)
        {
            to.Append("<details class=\"more\"><summary>End of standard error</summary><pre tabindex=\"0\">").AppendText(text.Clean(standardError, 16 * 1024)).Append("</pre></details>\n");
        }

        to.Append("<div class=\"talk\">\n");
    }

    private static void WriteFiles(StringBuilder to, ReportedRun run, ReportText text)
    {
        if (run.Changes.Count > 0)
        {
            to.Append(CultureInfo.InvariantCulture, $"<details class=\"more\" open><summary>Changed files ({run.ChangeCount:N0})</summary>\n");
            foreach ((FileDifference change, int i) in run.Changes.Select((change, i) => (change, i)))
            {
                string path = text.CleanLine(change.PreviousPath is null ? change.Path : $"{change.PreviousPath} -> {change.Path}", 400);
                string? diff = i < MostDiffs ? change.Diff : null;
                to.Append(diff is null ? "<div class=\"change\">" : "<details class=\"change\"><summary>").Append("<code>").AppendText(path).Append("</code> <span class=\"badge\">").Append(change.Kind).Append("</span>");
                if (change.LinesAdded is int added)
                {
                    to.Append(" <span class=\"add\">+").Append(added).Append("</span> <span class=\"del\">-").Append(change.LinesRemoved ?? 0).Append("</span>");
                }

                _ = diff is null ? to.Append("</div>\n")
                    : to.Append("</summary><pre class=\"diff\" tabindex=\"0\">").AppendDiff(text.Clean(diff, LongestDiff)).Append("</pre></details>\n");
            }

            WriteMore(to, ReportLayout.MoreThan(run.Changes.Count, run.ChangeCount));
            to.Append("</details>\n");
        }
        else if (run.Files.Count > 0)
        {
            to.Append("<details class=\"more\" open><summary>Files that tools were told to write (").Append(run.HasMoreFiles ? "more than " : string.Empty).Append(run.Files.Count).Append(")</summary><ul>");
            foreach (string file in run.Files)
            {
                to.Append("<li><code>").AppendText(text.CleanLine(file, 400)).Append("</code></li>");
            }

            to.Append("</ul>");
            WriteMore(to, run.HasMoreFiles ? "and more" : null);
            to.Append("</details>\n");
        }
    }

    private static void WriteMore(StringBuilder to, string? more)
    {
        if (more is not null)
        {
            to.Append("<p>").Append(more).Append("</p>");
        }
    }

    private static void WriteTable(StringBuilder to, string title, int total, string[] columns, IEnumerable<string[]> rows)
    {
        string[][] all = [.. rows];
        if (all.Length == 0)
        {
            return;
        }

        to.Append(CultureInfo.InvariantCulture, $"<details class=\"more\" open><summary>{title} ({total:N0})</summary><div class=\"wide\"><table><thead><tr>");
        foreach (string column in columns)
        {
            to.Append("<th>").Append(column).Append("</th>");
        }

        to.Append("</tr></thead><tbody>");
        foreach (string[] row in all)
        {
            to.Append("<tr><td>").AppendJoin("</td><td>", row).Append("</td></tr>");
        }

        to.Append("</tbody></table></div>");
        WriteMore(to, ReportLayout.MoreThan(all.Length, total));
        to.Append("</details>\n");
    }

    private static void WriteTimeline(StringBuilder to, ReportedRun run)
    {
        if (run.Timeline.IsEmpty)
        {
            return;
        }

        to.Append("<figure class=\"line\"><figcaption>Time line</figcaption>\n");
        foreach ((ToolKind? lane, IReadOnlyList<ReportTimeline.Bar> bars) in run.Timeline.Lanes())
        {
            string label = lane?.ToString() ?? "Model";
            to.Append("<span class=\"lane\">").Append(label).Append("</span><svg viewBox=\"0 0 ").Append(ReportTimeline.Width).Append(' ').Append(LaneHeight)
                .Append("\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"").Append(label).Append(": ").Append(bars.Sum(bar => bar.Count)).Append("\">");
            foreach (ReportTimeline.Bar bar in bars)
            {
                bool isLinked = run.HasCalls && lane is not null && bar.Count == 1;
                to.Append(isLinked ? "<a tabindex=\"-1\" href=\"#r" : string.Empty);
                if (isLinked)
                {
                    to.Append(run.Number).Append('c').Append(bar.Anchor).Append("\">");
                }

                to.Append(CultureInfo.InvariantCulture, $"<rect class=\"{label}{(bar.IsFailed ? " bad" : string.Empty)}\" x=\"{bar.X:0.#}\" y=\"2\" width=\"{bar.Width:0.#}\" height=\"{LaneHeight - 4}\"><title>");
                _ = bar.Count == 1
                    ? to.Append(CultureInfo.InvariantCulture, $"{label}, {bar.Duration.TotalSeconds:0.0##} s{(bar.IsFailed ? ", failed" : string.Empty)}")
                    : to.Append(bar.Count).Append(" times");
                to.Append("</title></rect>").Append(isLinked ? "</a>" : string.Empty);
            }

            to.Append("</svg>\n");
        }

        long start = run.Timeline.StartTicks;
        double seconds = TimeSpan.FromTicks(run.Timeline.EndTicks - start).TotalSeconds;
        to.Append(CultureInfo.InvariantCulture, $"<span></span><span class=\"axis\"><span>0 s</span><span>{seconds / 2:0.0} s</span><span>{seconds:0.0} s</span></span></figure>\n");
    }

    private static string Linked(ReportedRun run, string? callId, string label)
    {
        string escaped = Escaped(label);
        return callId is not null && run.CallNumbers.TryGetValue(callId, out int number) ? $"<a href=\"#r{run.Number}c{number}\">{escaped}</a>" : escaped;
    }

    private static string Escaped(string text) => new StringBuilder(text.Length).AppendText(text).ToString();
}
