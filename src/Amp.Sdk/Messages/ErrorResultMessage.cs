using System.Collections;
using System.Text.Json.Serialization;
using Amp.Messages;

namespace Amp;

/// <summary>The last message of a run that failed, was canceled or reached a limit.</summary>
[JsonConverter(typeof(StreamMessageJsonConverter<ErrorResultMessage>))]
public sealed class ErrorResultMessage : ResultMessage
{
    // Both are asked for often, and can be huge.
    private string? _error;
    private HashSet<string>? _named;

    internal ErrorResultMessage(in MessageEnvelope envelope, ResultLine line, ResultFacts facts)
        : base(envelope, line, facts)
    {
    }

    /// <summary>
    /// Creates a result for a run that failed without one, so that each of many runs has a result. Its line is written by this library, not by the CLI. The
    /// additional field <c>error_id</c> is the ID of the failure, which determines <see cref="ResultMessage.Outcome"/>.
    /// </summary>
    /// <param name="failure">The failure of the run.</param>
    /// <param name="threadId">The thread of the run; null if it is not known.</param>
    public static ErrorResultMessage FromFailure(Exception failure, string? threadId = null) => FailedResult.Of(failure, threadId);

    /// <summary>The error in the CLI's words, or a default sentence if the CLI gives no reason.</summary>
    public new string Error => _error ??= Filled(Body.Error) ?? Detail ?? Filled(Body.Result)
        ?? (Body.Subtype is "success" ? null : Filled(Body.Subtype)) ?? "The run failed, and the CLI did not report a reason.";

    /// <inheritdoc/>
    public override bool IsError => true;

    private protected override string? ErrorText => Error;

    /// <summary>Whether the run ended because a tool required an approval (CLIs of 2026).</summary>
    internal bool NeedsApproval => Has("require user approval");

    /// <summary>Whether the run ended because the service did not accept the key (CLIs of 2026).</summary>
    internal bool IsUnauthorized => Has("Unauthorized") && Has("access token");

    // Builds up to 0.0.1777897475 end the run at the call and name its tool; later ones answer the call, and the run continues.
    private protected override string? DenialOf(string toolUseId, string tool) =>
        base.DenialOf(toolUseId, tool) ?? (NeedsApproval && tool.Length > 0 && Names(tool) ? Error : null);

    private protected override ResultOutcome OutcomeOf(RunSummary summary) =>
        Subtype == "error_max_turns" ? ResultOutcome.MaxTurns
        : Has("User cancelled") ? ResultOutcome.Canceled
        : NeedsApproval ? ResultOutcome.Denied
        : IsUnauthorized ? ResultOutcome.NotAuthenticated
        : ResultOutcome.Failed;

    // "The following tools require user approval, which is not supported in stream JSON mode: Bash, Read"
    private bool Names(string tool)
    {
        _named ??= new HashSet<string>(Error[(Error.LastIndexOf(':') + 1)..].Split(',', StringSplitOptions.TrimEntries), StringComparer.Ordinal);
        return _named.Contains(tool);
    }

    private string? Detail => TextOf(AdditionalProperties["error"]) ?? TextOf(AdditionalProperties["errors"]);

    /// <summary>Gets the text of an error, which can also be an object with a message, or a list of errors; null if there is none.</summary>
    internal static string? TextOf(object? error) => error switch
    {
        string text => Filled(text),
        IDictionary fields => Filled(fields["message"] as string) ?? Filled(fields["error"] as string),
        object?[] errors => Filled(string.Join('\n', errors.Select(TextOf).OfType<string>())),
        _ => null,
    };

    private static string? Filled(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private bool Has(string text) => Error.Contains(text, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the error.</summary>
    public override string ToString() => Error;
}
