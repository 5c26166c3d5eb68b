using System.Collections.Specialized;
using Amp.Messages.Json;

namespace Amp;

/// <summary>The last message of a run: what came of it. Of a run that failed it is an <see cref="ErrorResultMessage"/>.</summary>
public class ResultMessage : StreamMessage
{
    private readonly Usage? _sumOfSteps;
    private ResultBody? _body;

    internal ResultMessage(in MessageEnvelope envelope, Usage? sumOfSteps)
        : base(envelope) => _sumOfSteps = sumOfSteps;

    /// <summary>How the run ended, as the CLI wrote it: <c>success</c>, <c>error_during_execution</c>, <c>error_max_turns</c>.</summary>
    public string? Subtype => Body.Subtype;

    /// <summary>The agent's final answer; null where the run failed.</summary>
    public string? Result => Body.Result;

    /// <summary>Whether the run failed. The CLI's exit code does not tell: it is 0 for failed runs too.</summary>
    public virtual bool IsError => false;

    /// <summary>How long the run took by the CLI's own clock, which starts after its start-up.</summary>
    public TimeSpan Duration => TimeSpan.FromMilliseconds(DurationMs);

    /// <summary>The same in milliseconds.</summary>
    public long DurationMs => Body.DurationMs ?? 0;

    /// <summary>How many times the model was asked.</summary>
    public int NumTurns => (int)Math.Clamp(Body.NumTurns ?? 0, int.MinValue, int.MaxValue);

    /// <summary>
    /// The tokens of the run: as the result tells, or, where it does not (the CLIs of early 2026), the sum of its assistant
    /// messages; null where neither tells.
    /// </summary>
    public Usage? Usage => Body.Usage ?? _sumOfSteps;

    /// <summary>The tool calls that were denied, as the CLI wrote them; empty where it wrote none.</summary>
    public IReadOnlyList<object?> PermissionDenials => Body.PermissionDenials ?? [];

    /// <inheritdoc/>
    public override OrderedDictionary AdditionalProperties => Body.Additional.Properties;

    private protected ResultBody Body => _body ??= ReadBody();

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
