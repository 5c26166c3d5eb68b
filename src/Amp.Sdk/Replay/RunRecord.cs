using System.Collections;
using System.Collections.Specialized;
using System.Security.Cryptography;
using System.Text;
using Amp.Json;
using Amp.Records;
using Amp.Services;
using Amp.Text;
using Amp.Tools;

namespace Amp.Replay;

/// <summary>A recorded run: what it was asked, and its tries.</summary>
internal sealed class RunRecord
{
    private const int ShownOfValue = 100;
    private const string Permissions = "permissions";

    // They belong to the machine, not to the task.
    private static readonly string[] s_ofMachine = ["cli_path", "log_file", "environment", "api_key", "settings_file"];

    private readonly string _name;
    private readonly List<List<TranscriptEntry>> _tries = [[]];
    private int _next;

    private RunRecord(TranscriptRun run, int number)
    {
        Run = run;
        _name = $"run {number} of '{Path.GetFileName(run.Path)}'";
    }

    /// <summary>What is known of the run at its start.</summary>
    public TranscriptRun Run { get; }

    /// <summary>Whether a run was answered from it.</summary>
    public bool IsUsed => _next > 0;

    /// <summary>Whether the run was repeated after the last try that was played.</summary>
    public bool HasNextTry => _next > 0 && _next < _tries.Count;

    /// <summary>Returns whether a run is the retry that was recorded after the last try that was played.</summary>
    public bool IsContinuedBy(RunPlan plan)
    {
        string? thread = _tries.Take(_next).SelectMany(entries => entries).Select(entry => entry.Message?.SessionId).FirstOrDefault(id => id is not null);
        return plan.IsRetry && (thread is not null
            ? string.Equals(plan.Given.ThreadId, thread, StringComparison.OrdinalIgnoreCase)
            : plan.AskedPrompt is string prompt && DifferenceOfPrompt(prompt, Prompt, plan.Redact) is null);
    }

    /// <summary>Reads the runs of a file.</summary>
    /// <exception cref="AmpValidationException">The file cannot be read, or has no run.</exception>
    public static async Task<IReadOnlyList<RunRecord>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        List<RunRecord> records = [];
        Dictionary<TranscriptRun, RunRecord> known = new(ReferenceEqualityComparer.Instance);
        await foreach (TranscriptEntry entry in TranscriptReader.ReadAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (!known.TryGetValue(entry.Run, out RunRecord? record))
            {
                record = new RunRecord(entry.Run, records.Count + 1);
                records.Add(record);
                known.Add(entry.Run, record);
            }

            record.Add(entry);
        }

        bool hasRun = records.Exists(record => record.Entries.Any(entry => entry.Message is not null || entry.End is not null));

        // A run whose CLI did not start got no answer.
        records.RemoveAll(record => !record.Entries.Any(entry => entry.Message is not null || entry.End is { ExitCode: not null } or { Signal: not null }));
        return hasRun ? records : throw new AmpValidationException(
            $"'{path}' contains no run.", "Path", "Give a transcript (AmpOptions.TranscriptPath), or the saved output of 'amp --stream-json'.", path);
    }

    /// <summary>Takes the next try.</summary>
    public RecordedAnswer Take(AmpReplay replay) => new(this, _tries[_next++], replay);

    /// <summary>The time of the record before a try.</summary>
    public TimeSpan Skipped(IReadOnlyList<TranscriptEntry> entries) => ReferenceEquals(entries, _tries[0]) || entries.Count == 0 || entries[0].Time is not DateTimeOffset time
        ? TimeSpan.Zero
        : time - Run.StartTime!.Value;

    /// <summary>Gets how a run differs from the recorded one, in words; empty if it does not.</summary>
    public IReadOnlyList<string> DifferencesOf(RunPlan plan, string message)
    {
        List<string> differences = [];
        if (DifferenceOfPrompt(message, Prompt, plan.Redact) is string prompt)
        {
            differences.Add(prompt);
        }

        // Plain output of the CLI does not say with which options it was started.
        if (Run.Id.Length > 0)
        {
            AmpOptions options = plan.Options;
            OrderedDictionary given = (OrderedDictionary)ToolInput.ToPlain(RecordedOptions.Of(options, Run.Content), nameof(AmpOptions))!;
            Add("title", Run.Title, Run.Content == TranscriptContent.Hash && options.Title is string title ? HashedLine.Of(title) : options.Title);
            if (Run.Content == TranscriptContent.Full)
            {
                Add("labels", Run.Labels.ToArray(), (options.Labels ?? []).ToArray());
            }

            foreach (string name in Run.Options.Keys.Cast<string>().Union(given.Keys.Cast<string>()).Except(s_ofMachine).Where(name => name != Permissions || !HaveSameRules(plan)))
            {
                Add(name, Run.Options[name], given[name]);
            }
        }

        return differences;

        void Add(string name, object? recorded, object? now)
        {
            if (!PlainJson.AreEqual(recorded, now))
            {
                differences.Add($"{name} was {Shown(recorded)} and is now {Shown(now)}");
            }
        }
    }

    /// <summary>Gets how a message differs from the recorded one, in words; null if it does not.</summary>
    public string? DifferenceOfPrompt(string message, string? recorded, Func<string, string> redact) =>
        recorded == message || recorded == redact(message) || recorded == $"{message}\n\n{OutputService.Instruction}"
            || (Run.PromptHash is string hash && string.Equals(hash, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(message))), StringComparison.OrdinalIgnoreCase))
            || (Run.Content == TranscriptContent.Hash && recorded == HashedLine.Of(message))
            ? null
            : recorded is null && Run.PromptHash is null ? $"the record does not contain its prompt, and the prompt is {Shown(redact(message))}"
            : $"the prompt was {(recorded is null ? "another one" : Shown(recorded))} and is now {Shown(redact(message))}";

    /// <summary>Returns its place in the file.</summary>
    public override string ToString() => _name;

    private IEnumerable<TranscriptEntry> Entries => _tries.SelectMany(entries => entries);

    // Of a conversation, its first message; of plain output, what the CLI repeats of it.
    private string? Prompt => Run.Prompt
        ?? _tries[0].Find(entry => entry.Kind == TranscriptEntryKind.Input)?.Text
        ?? _tries[0].Select(entry => entry.Message).OfType<UserMessage>().FirstOrDefault(said => said.ToolResult.Count == 0)?.Text;

    // Rules for kinds are written in the words of the CLI that was used, so what they have become is only known by its action.
    private bool HaveSameRules(RunPlan plan)
    {
        IReadOnlyList<AmpPermission> rules = plan.Given.Permissions ?? [];
        string[] recorded = [.. (Run.Options[Permissions] as IEnumerable ?? Array.Empty<object>()).Cast<object?>().Select(rule => rule?.ToString() ?? string.Empty)];
        int next = 0;
        foreach (AmpPermission rule in rules.Where(rule => rule.Kind is null))
        {
            string text = Run.Content == TranscriptContent.Hash ? HashedLine.Of(rule.ToString()) : rule.ToString();
            int place = Array.IndexOf(recorded, text, next);
            if (place < 0 || !AreOfKinds(recorded[next..place]))
            {
                return false;
            }

            next = place + 1;
        }

        return AreOfKinds(recorded[next..]);

        bool AreOfKinds(string[] made) => made.Length == 0 || (rules.Any(rule => rule.Kind is not null) && (Run.Content == TranscriptContent.Hash
            || Array.TrueForAll(made, text => rules.Any(rule => rule.Kind is not null && text.Contains($"\"action\":\"{rule.Action.ToString().ToLowerInvariant()}\"", StringComparison.Ordinal)))));
    }

    private void Add(TranscriptEntry entry)
    {
        if (entry.Kind != TranscriptEntryKind.Retry)
        {
            _tries[^1].Add(entry);
            return;
        }

        // The result that is repeated does not count and is not read; the retry says what it was.
        string? thread = _tries[^1].Select(one => one.Message?.SessionId).FirstOrDefault(id => id is not null);
        _tries[^1].Add(new TranscriptEntry(TranscriptEntryKind.Message, Run)
        {
            Message = MessageFactory.CreateErrorResult(entry.Retry!.Message, thread),
            Time = entry.Time,
        });
        _tries.Add([]);
    }

    private static string Shown(object? value)
    {
        if (value is null or Array { Length: 0 })
        {
            return "not given";
        }

        string text = TerminalText.Strip(value is string words ? $"'{words}'" : CallView.Json(value)).ReplaceLineEndings(" ");
        return TruncatedText.Shown(text, ShownOfValue);
    }
}
