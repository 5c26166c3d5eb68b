using Amp.Messages.Json;

namespace Amp;

/// <summary>The last message of a run that failed, was cancelled or reached a limit.</summary>
public sealed class ErrorResultMessage : ResultMessage
{
    internal ErrorResultMessage(in MessageEnvelope envelope, Usage? sumOfSteps)
        : base(envelope, sumOfSteps)
    {
    }

    /// <summary>What went wrong, in the CLI's words.</summary>
    public string Error => Body.Error ?? Body.Result ?? Body.Subtype ?? Type;

    /// <inheritdoc/>
    public override bool IsError => true;

    /// <summary>What went wrong.</summary>
    public override string ToString() => Error;
}
