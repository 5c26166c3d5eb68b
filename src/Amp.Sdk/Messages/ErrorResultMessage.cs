using Amp.Messages.Json;

namespace Amp;

/// <summary>The last message of a run that failed, was cancelled or reached a limit.</summary>
public sealed class ErrorResultMessage : ResultMessage
{
    internal ErrorResultMessage(in MessageEnvelope envelope, RunSummary summary)
        : base(envelope, summary)
    {
    }

    /// <summary>What went wrong, in the CLI's words.</summary>
    public string Error => Body.Error ?? Body.Result ?? Body.Subtype ?? Type;

    /// <inheritdoc/>
    public override bool IsError => true;

    /// <summary>Whether the run ended because a tool would have had to be approved by somebody (CLIs of 2026).</summary>
    internal bool NeedsApproval => Has("require user approval");

    /// <summary>Whether the run ended because the service did not accept the key (CLIs of 2026).</summary>
    internal bool IsUnauthorized => Has("Unauthorized") && Has("access token");

    private protected override AmpRunOutcome OutcomeOf(RunSummary summary) =>
        Subtype == "error_max_turns" ? AmpRunOutcome.MaxTurns
        : Has("User cancelled") ? AmpRunOutcome.Canceled
        : NeedsApproval ? AmpRunOutcome.Denied
        : IsUnauthorized ? AmpRunOutcome.NotAuthenticated
        : AmpRunOutcome.Failed;

    private bool Has(string text) => Error.Contains(text, StringComparison.OrdinalIgnoreCase);

    /// <summary>What went wrong.</summary>
    public override string ToString() => Error;
}
