using System.Collections.Specialized;
using System.Text.Json.Serialization;
using Amp.Messages;
using Amp.Text;

namespace Amp;

/// <summary>The last message of a run: its result. If the run failed, it is an <see cref="ErrorResultMessage"/>.</summary>
[JsonConverter(typeof(StreamMessageJsonConverter<ResultMessage>))]
public class ResultMessage : StreamMessage
{
    private readonly ResultLine _line;
    private readonly ResultFacts _facts;
    private IReadOnlyList<string>? _files;
    private IReadOnlyList<object?>? _permissionDenials;
    private IReadOnlyList<ToolDenial>? _denials;

    internal ResultMessage(in MessageEnvelope envelope, ResultLine line, ResultFacts facts)
        : base(envelope)
    {
        _line = line;
        _facts = facts;
    }

    /// <summary>How the run ended, as the CLI wrote it: <c>success</c>, <c>error_during_execution</c>, <c>error_max_turns</c>.</summary>
    public string? Subtype => Body.Subtype;

    /// <summary>The agent's final answer; null if the run failed.</summary>
    public string? Result => Body.Result;

    /// <summary>The error in the CLI's words; null if the run succeeded.</summary>
    public string? Error => ErrorText;

    /// <summary>Whether the run failed. The CLI's exit code does not show this: it is also 0 for failed runs.</summary>
    public virtual bool IsError => false;

    /// <summary>The duration of the run, or of its last try (<see cref="Retries"/>), as measured by the CLI after its startup.</summary>
    public TimeSpan Duration => DurationMs switch
    {
        >= long.MaxValue / TimeSpan.TicksPerMillisecond => TimeSpan.MaxValue,
        <= long.MinValue / TimeSpan.TicksPerMillisecond => TimeSpan.MinValue,
        long milliseconds => new TimeSpan(milliseconds * TimeSpan.TicksPerMillisecond),
    };

    /// <summary>The duration in milliseconds.</summary>
    public long DurationMs => Body.DurationMs ?? 0;

    /// <summary>The number of requests to the model, in all tries of the run.</summary>
    public int NumTurns => (int)Math.Clamp(_line.Turns, int.MinValue, int.MaxValue);

    /// <summary>
    /// The tokens of the run: those of the result, or, if the result has none (CLIs of early 2026), the sum of its assistant messages; null
    /// if neither reports them. Those of all tries of the run are added.
    /// </summary>
    public TokenUsage? Usage => _line.Usage;

    /// <summary>The denied tool calls as the CLI wrote them; empty if it wrote none.</summary>
    public IReadOnlyList<object?> PermissionDenials => _permissionDenials ??= ReadableList<object?>.Of(Body.PermissionDenials);

    /// <summary>
    /// The outcome of the run. In a run that the CLI reports as successful, a tool may have been denied, the answer may be empty, or the
    /// work may be incomplete.
    /// </summary>
    public ResultOutcome Outcome => _facts.Outcome ?? OutcomeOf(_line.Summary);

    /// <summary>
    /// The denied tool calls: rejected by a rule or a program, disabled, or without a required approval. The agent was told about them and
    /// may have continued without them.
    /// </summary>
    public IReadOnlyList<ToolDenial> Denials => _denials ??= ReadableList<ToolDenial>.Of(DenialsOf(_line.Summary));

    /// <summary>
    /// The approval requests of the run (<see cref="AmpOptions.Approval"/>), in the order of the decisions and without secrets.
    /// </summary>
    public IReadOnlyList<ToolApproval> Approvals => _facts.Approvals;

    /// <summary>
    /// The structured answer (<see cref="AmpOptions.OutputSchema"/>): an object of the schema's type, or a tree of ordered dictionaries,
    /// arrays and plain values; null if none was requested, or no answer matches.
    /// </summary>
    public object? Output => _facts.Output;

    /// <summary>The structured answer as JSON text.</summary>
    public string? OutputJson => _facts.OutputJson;

    /// <summary>Your verifications of the work (<see cref="AmpOptions.Verify"/>), in order.</summary>
    public IReadOnlyList<AmpVerification> Verifications => _facts.Verifications;

    /// <summary>
    /// The retries of the run and their reasons (<see cref="AmpOptions.RetryLimit"/>); empty if there were none. The result contains the denials,
    /// approvals, tool calls, files and tokens of all tries.
    /// </summary>
    public IReadOnlyList<AmpRetry> Retries => _facts.Retries;

    /// <summary>The number of tool calls by the agent and its subagents.</summary>
    public int ToolUseCount => _line.Summary.ToolUseCount;

    /// <summary>
    /// The files that the CLI's own tools were told to write, including those in patches, in order and as the agent named them. Files that
    /// shell commands changed are not included.
    /// </summary>
    public IReadOnlyList<string> FilesTouched => _files ??= ReadableList<string>.Of(_line.Summary.FilesTouched);

    /// <summary>The ID of the run's checkpoint (<see cref="AmpOptions.Checkpoint"/>); null without one.</summary>
    public string? CheckpointId => _facts.Changes?.CheckpointId;

    /// <summary>
    /// The files that are different at the end of the run, whoever changed them: the agent, its shell commands, or another program. Ignored
    /// files are not included. Empty without a checkpoint (<see cref="AmpOptions.Checkpoint"/>), and if the state at the end could not be
    /// kept, which is a warning.
    /// </summary>
    public IReadOnlyList<FileDifference> Changes => _facts.Changes?.Changes ?? ReadableList<FileDifference>.None;

    /// <summary>Removes the secrets of the run from exceptions about this message. The message itself stays as the CLI wrote it.</summary>
    internal SecretRedactor Redactor => _facts.Redactor;

    /// <summary>The cost in US dollars of all tries of the run; null if none was reported.</summary>
    internal decimal? Cost => _line.Cost;

    /// <summary>What the run knew about its result in addition to the line, for its transcript.</summary>
    internal ResultFacts Facts => _facts;

    /// <inheritdoc/>
    public override OrderedDictionary AdditionalProperties => Body.Additional.Properties;

    private protected virtual string? ErrorText => null;

    private protected ResultBody Body => _line.Body;

    /// <summary>Returns why a call without a result was denied; null if it was not.</summary>
    // If calls end one after another, CLIs up to 0.0.1777897475 may leave out the results of the later ones: a call that the caller rejected is denied all the same.
    private protected virtual string? DenialOf(string toolUseId, string tool) =>
        Approvals.FirstOrDefault(approval => !approval.IsAllowed && approval.ToolUseId == toolUseId) is ToolApproval rejected ? rejected.Reason ?? string.Empty : null;

    private IReadOnlyList<ToolDenial> DenialsOf(RunSummary summary)
    {
        List<ToolDenial>? denials = null;
        foreach ((string id, string tool) in summary.Unanswered)
        {
            if (DenialOf(id, tool) is string reason)
            {
                (denials ??= [.. summary.Denials]).Add(new ToolDenial(tool, reason) { ToolUseId = id });
            }
        }

        return denials ?? summary.Denials;
    }

    private protected virtual ResultOutcome OutcomeOf(RunSummary summary) =>
        summary.EndsWithToolUse ? ResultOutcome.Truncated
        // Only the answer itself counts. For a run with a prompt of more than 1 MiB, the CLI may report 0 turns and omit its messages, but
        // the result still contains the answer (0.0.1774310664).
        : string.IsNullOrWhiteSpace(Result) ? ResultOutcome.Empty
        : Denials.Count > 0 || PermissionDenials.Count > 0 ? ResultOutcome.Denied
        : ResultOutcome.Succeeded;

    /// <summary>Returns the final answer.</summary>
    public override string ToString() => Result ?? string.Empty;
}

/// <summary>A retry of a run that the service could not serve.</summary>
/// <param name="Attempt">The number of the retry in the run, starting with 1.</param>
/// <param name="ErrorId">The error of the previous try: one of <see cref="AmpErrorId"/>.</param>
/// <param name="Message">The error as text, without secrets.</param>
/// <param name="Delay">The wait time before the retry.</param>
public sealed record AmpRetry(int Attempt, string ErrorId, string Message, TimeSpan Delay)
{
    /// <summary>Returns the error and the wait time.</summary>
    public override string ToString() => $"{ErrorId}: {Message} Retry {Attempt} after {Delay.TotalSeconds:0.#} s.";
}
