namespace Amp;

/// <summary>The run was cancelled by its caller.</summary>
public sealed class AmpCanceledException : AmpException
{
    /// <summary>Makes an exception for the token that was cancelled.</summary>
    public AmpCanceledException(CancellationToken cancellationToken)
        : base(
            "The run was cancelled.",
            AmpErrorId.Canceled,
            "If ThreadId is set, continue that thread.",
            new OperationCanceledException(cancellationToken)) => CancellationToken = cancellationToken;

    /// <summary>The token that was cancelled.</summary>
    public CancellationToken CancellationToken { get; }
}
