using System.Globalization;
using System.Text;
using Amp.Messages;

namespace Amp.Reports;

/// <summary>The form of a report. All texts that a layout gets are those of the run: it makes them safe with <see cref="Text"/>.</summary>
internal abstract class ReportLayout
{
    protected ReportLayout(ReportText text) => Text = text;

    protected ReportText Text { get; }

    /// <summary>Begins the report. All runs are complete.</summary>
    public abstract void Begin(StringBuilder to, string title, IReadOnlyList<ReportedRun> runs);

    /// <summary>Begins a run with its summary. Its conversation follows.</summary>
    public abstract void BeginRun(StringBuilder to, ReportedRun run, bool isOnly);

    public abstract void EndRun(StringBuilder to);

    public abstract void End(StringBuilder to);

    /// <summary>A message to the agent.</summary>
    public abstract void Prompt(StringBuilder to, string text, Place place);

    /// <summary>A text of the agent, in Markdown.</summary>
    public abstract void Answer(StringBuilder to, string text, Place place);

    public abstract void Thinking(StringBuilder to, string text);

    /// <summary>Begins a tool call. What it says is known when the call has ended, and stands before everything else of it.</summary>
    public abstract void CallHead(StringBuilder to, CallFacts call);

    public abstract void CallInput(StringBuilder to, ToolUseContent call);

    public abstract void CallResult(StringBuilder to, string text, bool isFailed);

    public abstract void CallEnd(StringBuilder to);

    /// <summary>What the library or the CLI says about the run: a warning, a decision, a line that is not a message.</summary>
    public abstract void Note(StringBuilder to, string kind, string text, bool isBad);

    /// <summary>The title of a run in one line. The texts that follow are those of this run too.</summary>
    public string NameOf(ReportedRun run)
    {
        Text.OfRun = run.Secrets;
        return Text.CleanLine(run.Recorded?.Title is { Length: > 0 } title ? title : run.Prompt is { Length: > 0 } prompt ? prompt : run.ThreadId ?? $"Run {run.Number}", 120);
    }

    /// <summary>What a denied call was about: its command, or its first file.</summary>
    public static string SubjectOf(ToolDenial denial) => denial.Command ?? (denial.Files is [string file, ..] ? file : string.Empty);

    /// <summary>What follows a list that was cut; null if the list is complete.</summary>
    public static string? MoreThan(int shown, int total) => total > shown ? string.Create(CultureInfo.InvariantCulture, $"and {total - shown:N0} more") : null;

    /// <summary>What can be said of a run in a few words, without texts of the model: label and value.</summary>
    protected IEnumerable<(string Label, string Value)> FactsOf(ReportedRun run)
    {
        UsageTotal total = run.Total;
        yield return ("Outcome", OutcomeOf(run));
        if (run.Duration is TimeSpan duration)
        {
            yield return ("Duration", Readable(duration));
        }

        if (total.TotalTokens > 0)
        {
            yield return ("Tokens", string.Create(
                CultureInfo.InvariantCulture,
                $"{total.TotalTokens:N0} ({total.InputTokens:N0} in, {total.OutputTokens:N0} out, {total.CacheReadInputTokens:N0} read from cache, {total.CacheCreationInputTokens:N0} written to cache)"));
        }

        if (total.Cost is decimal cost)
        {
            yield return ("Cost", string.Create(CultureInfo.InvariantCulture, $"${cost:0.00##}"));
        }

        yield return ("Turns", Number(total.Turns));
        yield return ("Tool calls", run.FailedCalls == 0 ? Number(run.Calls) : $"{Number(run.Calls)}, {Number(run.FailedCalls)} of them failed");
        (string Label, string? Value)[] more =
        [
            ("Started", run.StartTime?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)),
            ("Thread", run.ThreadId ?? run.End?.ThreadId),
            ("Folder", run.Start?.Cwd ?? run.Recorded?.WorkingDirectory),
            ("Computer", run.Recorded?.AgentHost ?? run.Recorded?.HostName),
            ("Model", run.Model),
            ("Mode", run.Start?.AgentMode),
            ("CLI", run.Recorded?.CliVersion),
            ("MCP servers", run.Start is { McpServers.Count: > 0 } start ? string.Join(", ", start.McpServers.Select(server => $"{server.Name} ({server.Status})")) : null),
            ("Exit code", run.End?.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? run.End?.Signal),
        ];
        foreach ((string label, string? value) in more)
        {
            if (!string.IsNullOrEmpty(value))
            {
                yield return (label, Text.CleanLine(value, 400));
            }
        }
    }

    /// <summary>The outcome in a word.</summary>
    protected static string OutcomeOf(ReportedRun run) => OutcomeIn(run)?.ToString() ?? "No result";

    protected static bool IsGood(ReportedRun run) => OutcomeIn(run) is ResultOutcome.Succeeded;

    // A run can fail after its result. Transcripts of earlier versions have such an end with the outcome of the result, and the error.
    private static ResultOutcome? OutcomeIn(ReportedRun run) => (run.Outcome ?? run.End?.Outcome) is ResultOutcome outcome
        ? outcome == ResultOutcome.Succeeded && run.End?.ErrorId is string errorId && run.End != TranscriptEnd.Interrupted ? FailedResult.OutcomeOf(errorId) : outcome
        : null;

    protected static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    protected static string Readable(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes} min"),
    };

    /// <summary>The patches of changed files, those with a text.</summary>
    protected static string ChangeOf(FileDifference change) => change.LinesAdded is null
        ? $"{change.Kind}"
        : string.Create(CultureInfo.InvariantCulture, $"{change.Kind} +{change.LinesAdded} -{change.LinesRemoved}");

    /// <summary>Whether a text is a difference of files.</summary>
    protected static bool IsDiff(string text) =>
        text.StartsWith("diff --git ", StringComparison.Ordinal) || text.StartsWith("*** Begin Patch", StringComparison.Ordinal)
        || (text.StartsWith("--- ", StringComparison.Ordinal) && text.Contains("\n@@ ", StringComparison.Ordinal))
        || text.Contains("\ndiff --git ", StringComparison.Ordinal);

    /// <summary>The input of a call that replaces text, as a difference; null for other calls.</summary>
    protected static string? ReplacementOf(ToolUseContent call) =>
        call.Input is System.Collections.IDictionary fields && fields["old_str"] is string old && fields["new_str"] is string with
            ? $"-{old.Replace("\n", "\n-", StringComparison.Ordinal)}\n+{with.Replace("\n", "\n+", StringComparison.Ordinal)}"
            : null;

    /// <summary>The inputs of a call with their values as text.</summary>
    protected static IEnumerable<(string Name, string Value)> InputsOf(ToolUseContent call)
    {
        if (call.Input is not System.Collections.IDictionary fields)
        {
            if (call.Input is not null)
            {
                yield return ("input", Tools.CallView.Json(call.Input));
            }

            yield break;
        }

        foreach (System.Collections.DictionaryEntry field in fields)
        {
            yield return ((string)field.Key, field.Value as string ?? Tools.CallView.Json(field.Value));
        }
    }

    /// <summary>Where a message is.</summary>
    /// <param name="Run">The number of the run.</param>
    /// <param name="Number">The number of the message in the run.</param>
    /// <param name="Time">The time since the start of the run; null if it is unknown.</param>
    /// <param name="IsSubagent">Whether it belongs to a subagent.</param>
    /// <param name="Detail">The tokens of the message; null if they are unknown.</param>
    internal readonly record struct Place(int Run, int Number, TimeSpan? Time, bool IsSubagent, string? Detail);

    /// <summary>What is known of a call at its end.</summary>
    /// <param name="Run">The number of the run.</param>
    /// <param name="Number">The number of the call in the run.</param>
    /// <param name="Tool">The name of the tool.</param>
    /// <param name="Kind">What the tool does.</param>
    /// <param name="Subject">The command, the file, or another input in a line; it is safe.</param>
    /// <param name="Duration">The duration; null if it is unknown.</param>
    /// <param name="State">Another end than success in a word; null for success.</param>
    internal readonly record struct CallFacts(int Run, int Number, string Tool, ToolKind Kind, string Subject, TimeSpan? Duration, string? State);
}
