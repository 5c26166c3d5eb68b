using Amp.Json;
using Amp.Text;

namespace Amp.Messages;

/// <summary>A result as the CLI wrote it, with what the messages before it added up to.</summary>
internal sealed class ResultLine
{
    private readonly byte[] _line;
    private ResultBody? _body;

    public ResultLine(in MessageEnvelope envelope, bool isError, RunSummary summary)
    {
        _line = envelope.Line;
        SessionId = envelope.SessionId;
        IsError = isError;
        Summary = summary;
    }

    /// <summary>Whether the run failed.</summary>
    public bool IsError { get; }

    /// <summary>The thread; null where the line does not name it.</summary>
    public string? SessionId { get; }

    /// <summary>What the messages before it added up to.</summary>
    public RunSummary Summary { get; }

    /// <summary>What stands on the line; read when it is first asked for.</summary>
    public ResultBody Body => _body ??= ReadBody();

    /// <summary>The tokens of the run: as the line tells, or else those of its messages.</summary>
    public TokenUsage? Usage => Body.Usage ?? Summary.Usage;

    private ResultBody ReadBody()
    {
        ResultBody body = ResultBody.Read(JsonText.Open(_line));

        // Whether a run failed follows from more than one field; a field that says otherwise is not lost.
        if (body.IsError is bool said && said != IsError)
        {
            body.Additional.Add("is_error", said);
        }

        return body;
    }
}

/// <summary>What a run knows of its result beside the line.</summary>
internal sealed record ResultFacts
{
    /// <summary>Nothing but the line is known.</summary>
    public static readonly ResultFacts None = new();

    /// <summary>What this side did to the run, which decides about its outcome; null where the messages do.</summary>
    public ResultOutcome? Outcome { get; init; }

    /// <summary>What the caller was asked.</summary>
    public IReadOnlyList<ToolApproval> Approvals { get; init; } = ReadableList<ToolApproval>.None;

    /// <summary>The answer in the shape that was asked for.</summary>
    public object? Output { get; init; }

    /// <summary>The same as JSON text.</summary>
    public string? OutputJson { get; init; }

    /// <summary>The caller's verifications of the work.</summary>
    public IReadOnlyList<AmpVerification> Verifications { get; init; } = ReadableList<AmpVerification>.None;

    /// <summary>The tries before this one.</summary>
    public IReadOnlyList<AmpRetry> Retries { get; init; } = ReadableList<AmpRetry>.None;

    /// <summary>Takes the secrets of the run out of what is thrown of the result.</summary>
    public SecretRedactor Redactor { get; init; } = SecretRedactor.Patterns;
}

/// <summary>What a run knows beside its lines. It is asked when a message is made, so that a message is complete from then on.</summary>
internal interface IRunAccount
{
    /// <summary>What is known of the end of a turn; null for nothing.</summary>
    /// <param name="sessionId">The thread that the message names.</param>
    TurnEnd? EndTurn(string? sessionId);

    /// <summary>What is known of the result.</summary>
    ResultFacts Complete(ResultLine line);
}
