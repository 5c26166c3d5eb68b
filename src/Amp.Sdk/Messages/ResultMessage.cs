using System.Collections.Specialized;
using Amp.Messages;
using Amp.Text;

namespace Amp;

/// <summary>The last message of a run: what came of it. Of a run that failed it is an <see cref="ErrorResultMessage"/>.</summary>
public class ResultMessage : StreamMessage
{
    private readonly RunSummary _summary;
    private ResultBody? _body;
    private IReadOnlyList<string>? _files;
    private IReadOnlyList<object?>? _permissionDenials;
    private IReadOnlyList<ToolDenial>? _denials;

    internal ResultMessage(in MessageEnvelope envelope, RunSummary summary)
        : base(envelope) => _summary = summary;

    /// <summary>How the run ended, as the CLI wrote it: <c>success</c>, <c>error_during_execution</c>, <c>error_max_turns</c>.</summary>
    public string? Subtype => Body.Subtype;

    /// <summary>The agent's final answer; null where the run failed.</summary>
    public string? Result => Body.Result;

    /// <summary>What went wrong, in the CLI's words; null where the run ended well.</summary>
    public string? Error => ErrorText;

    /// <summary>Whether the run failed. The CLI's exit code does not tell: it is 0 for failed runs too.</summary>
    public virtual bool IsError => false;

    /// <summary>How long the run took by the CLI's own clock, which starts after its start-up.</summary>
    public TimeSpan Duration => DurationMs switch
    {
        >= long.MaxValue / TimeSpan.TicksPerMillisecond => TimeSpan.MaxValue,
        <= long.MinValue / TimeSpan.TicksPerMillisecond => TimeSpan.MinValue,
        long milliseconds => new TimeSpan(milliseconds * TimeSpan.TicksPerMillisecond),
    };

    /// <summary>The same in milliseconds.</summary>
    public long DurationMs => Body.DurationMs ?? 0;

    /// <summary>How many times the model was asked.</summary>
    public int NumTurns => (int)Math.Clamp(Body.NumTurns ?? 0, int.MinValue, int.MaxValue);

    /// <summary>
    /// The tokens of the run: as the result tells, or, where it does not (the CLIs of early 2026), the sum of its assistant
    /// messages; null where neither tells.
    /// </summary>
    public TokenUsage? Usage => Body.Usage ?? _summary.Usage;

    /// <summary>The tool calls that were denied, as the CLI wrote them; empty where it wrote none.</summary>
    public IReadOnlyList<object?> PermissionDenials => _permissionDenials ??= ReadableList<object?>.Of(Body.PermissionDenials);

    /// <summary>
    /// What came of the run. A run that has succeeded by the CLI's account may have been denied a tool, said nothing, or ended in the
    /// middle of its work.
    /// </summary>
    public ResultOutcome Outcome => ForcedOutcome ?? OutcomeOf(_summary);

    /// <summary>
    /// The tool calls that were not allowed: rejected by a rule or a program, switched off, or in need of an approval that nobody could
    /// give. The agent was told and may have gone on without them.
    /// </summary>
    public IReadOnlyList<ToolDenial> Denials => _denials ??= ReadableList<ToolDenial>.Of(DenialsOf(_summary));

    /// <summary>What the caller was asked during the run (<see cref="AmpOptions.Approval"/>), in the order of the decisions; secrets are not in it.</summary>
    public IReadOnlyList<ToolApproval> Approvals { get; internal set; } = ReadableList<ToolApproval>.None;

    /// <summary>
    /// The answer in the shape that was asked for (<see cref="AmpOptions.OutputSchema"/>): an object of the schema's type, or a tree of ordered
    /// dictionaries, arrays and plain values; null where none was asked for, or none that fits was given.
    /// </summary>
    public object? Output { get; internal set; }

    /// <summary>The same as JSON text.</summary>
    public string? OutputJson { get; internal set; }

    /// <summary>The caller's verifications of the work (<see cref="AmpOptions.Verify"/>), the first one first.</summary>
    public IReadOnlyList<AmpVerification> Verifications { get; internal set; } = ReadableList<AmpVerification>.None;

    /// <summary>How often the run was tried again, and why (<see cref="AmpOptions.RetryLimit"/>); empty for a run that was not.</summary>
    public IReadOnlyList<AmpRetry> Retries { get; internal set; } = ReadableList<AmpRetry>.None;

    /// <summary>How many tools the agent called, its subagents included.</summary>
    public int ToolUseCount => _summary.ToolUseCount;

    /// <summary>
    /// The files that the CLI's own tools were told to write, those of patches among them, in their order, as the agent named them; what shell commands
    /// changed is not among them.
    /// </summary>
    public IReadOnlyList<string> FilesTouched => _files ??= ReadableList<string>.Of(_summary.FilesTouched);

    /// <summary>What this side did to the run, which decides about its outcome.</summary>
    internal ResultOutcome? ForcedOutcome { get; set; }

    /// <summary>Takes the secrets of the run out of what is thrown of this message; the message itself stays as the CLI wrote it.</summary>
    internal SecretRedactor Redactor { get; set; } = SecretRedactor.Patterns;

    /// <inheritdoc/>
    public override OrderedDictionary AdditionalProperties => Body.Additional.Properties;

    private protected virtual string? ErrorText => null;

    private protected ResultBody Body => _body ??= ReadBody();

    private protected virtual IReadOnlyList<ToolDenial> DenialsOf(RunSummary summary) => summary.Denials;

    private protected virtual ResultOutcome OutcomeOf(RunSummary summary) =>
        summary.EndsWithToolUse ? ResultOutcome.Truncated
        // Only the answer itself counts. Of a run with a prompt beyond 1 MiB the CLI may tell 0 turns and leave its messages out
        // of the stream, and the answer still stands in the result (0.0.1774310664).
        : string.IsNullOrWhiteSpace(Result) ? ResultOutcome.Empty
        : summary.Denials.Count > 0 || PermissionDenials.Count > 0 ? ResultOutcome.Denied
        : ResultOutcome.Succeeded;

    /// <summary>The final answer.</summary>
    public override string ToString() => Result ?? string.Empty;

    private ResultBody ReadBody()
    {
        ResultBody body = ResultBody.Read(OpenLine());

        // Whether a run failed follows from more than one field; a field that says otherwise is not lost.
        if (body.IsError is bool said && said != IsError)
        {
            body.Additional.Add("is_error", said);
        }

        return body;
    }
}

/// <summary>A second try of a run that the service could not serve.</summary>
/// <param name="Attempt">Which of the run's retries it was, from 1.</param>
/// <param name="ErrorId">What the try before ended with: one of <see cref="AmpErrorId"/>.</param>
/// <param name="Message">The same in words, without secrets.</param>
/// <param name="Delay">How long was waited before it.</param>
public sealed record AmpRetry(int Attempt, string ErrorId, string Message, TimeSpan Delay)
{
    /// <summary>What happened, and how long was waited.</summary>
    public override string ToString() => $"{ErrorId}: {Message} Retry {Attempt} after {Delay.TotalSeconds:0.#} s.";
}
