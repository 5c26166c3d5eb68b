using Amp.Checkpoints;
using Amp.Json;
using Amp.Text;

namespace Amp.Messages;

/// <summary>A result as the CLI wrote it, with the totals of the messages before it.</summary>
internal sealed class ResultLine
{
    private readonly byte[] _line;
    private ResultBody? _body;
    private TokenUsage? _usage;

    public ResultLine(in MessageEnvelope envelope, bool isError, RunSummary summary)
    {
        _line = envelope.Line;
        SessionId = envelope.SessionId;
        IsError = isError;
        Summary = summary;
    }

    /// <summary>Whether the run failed.</summary>
    public bool IsError { get; }

    /// <summary>The thread; null if the line does not contain it.</summary>
    public string? SessionId { get; }

    /// <summary>The totals of the messages before it.</summary>
    public RunSummary Summary { get; }

    /// <summary>The fields of the line, read on first use.</summary>
    public ResultBody Body => _body ??= ReadBody();

    /// <summary>The tokens of the try that the line ends: those in the line, or else those of its messages.</summary>
    public TokenUsage? OwnUsage => Body.Usage ?? Summary.Usage;

    /// <summary>The tokens of the run: with those of its earlier tries.</summary>
    public TokenUsage? Usage => _usage ??= Summary.EarlierUsage == default ? OwnUsage
        : OwnUsage?.Plus(Summary.EarlierUsage) ?? new TokenUsage(Summary.EarlierUsage);

    /// <summary>The requests to the model, with those of the earlier tries.</summary>
    public long Turns => Math.Clamp(Body.NumTurns ?? 0, int.MinValue, int.MaxValue) + Summary.EarlierTurns;

    /// <summary>The cost in US dollars of the try that the line ends; null if the line has none.</summary>
    // No CLI of 2026 reports a cost (0.0.1767830505 to 0.0.1790142911). Other agents with the same stream do, in this field.
    public decimal? OwnCost => Body.Additional.Properties["total_cost_usd"] switch
    {
        int cost and >= 0 => cost,
        long cost and >= 0 => cost,
        decimal cost and >= 0 and < 1e15m => cost,
        double cost and >= 0 and < 1e15 => (decimal)cost,
        _ => null,
    };

    /// <summary>The cost of the run: with that of its earlier tries; null if no try reports one.</summary>
    public decimal? Cost => OwnCost is decimal own ? own + (Summary.EarlierCost ?? 0) : Summary.EarlierCost;

    private ResultBody ReadBody()
    {
        ResultBody body = ResultBody.Read(JsonText.Open(_line));

        // Several fields determine whether a run failed. A field that contradicts the others is kept.
        if (body.IsError is bool said && said != IsError)
        {
            body.Additional.Add("is_error", said);
        }

        return body;
    }
}

/// <summary>What a run knows about its result in addition to the line.</summary>
internal sealed record ResultFacts
{
    /// <summary>Only the line is known.</summary>
    public static readonly ResultFacts None = new();

    /// <summary>What the library did to the run, which determines its outcome; null if the messages do.</summary>
    public ResultOutcome? Outcome { get; init; }

    /// <summary>The approval requests of the run.</summary>
    public IReadOnlyList<ToolApproval> Approvals { get; init; } = ReadableList<ToolApproval>.None;

    /// <summary>The structured answer.</summary>
    public object? Output { get; init; }

    /// <summary>The structured answer as JSON text.</summary>
    public string? OutputJson { get; init; }

    /// <summary>The caller's verifications of the work.</summary>
    public IReadOnlyList<AmpVerification> Verifications { get; init; } = ReadableList<AmpVerification>.None;

    /// <summary>The previous tries.</summary>
    public IReadOnlyList<AmpRetry> Retries { get; init; } = ReadableList<AmpRetry>.None;

    /// <summary>The changes since the checkpoint of the run; null without one.</summary>
    public RunChanges? Changes { get; init; }

    /// <summary>Removes the secrets of the run from exceptions about the result.</summary>
    public SecretRedactor Redactor { get; init; } = SecretRedactor.Patterns;
}

/// <summary>
/// What a run knows in addition to its lines. It is asked when a message is created, so that the message is complete from the start.
/// </summary>
internal interface IRunAccount
{
    /// <summary>Gets what is known about the end of a turn; null for nothing.</summary>
    /// <param name="sessionId">The thread in the message.</param>
    TurnEnd? EndTurn(string? sessionId);

    /// <summary>Gets what is known about the result.</summary>
    ResultFacts Complete(ResultLine line);
}
