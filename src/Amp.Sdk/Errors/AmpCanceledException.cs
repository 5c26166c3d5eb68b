namespace Amp;

/// <summary>The caller cancelled the run, the turn or the command. To .NET it is a cancellation like every other.</summary>
public sealed class AmpCanceledException : OperationCanceledException
{
    /// <summary>Makes an exception for the token that was cancelled.</summary>
    public AmpCanceledException(CancellationToken cancellationToken)
        : base("The run was cancelled.", cancellationToken)
    {
    }

    /// <summary><see cref="AmpErrorId.Canceled"/>.</summary>
    public string ErrorId { get; } = AmpErrorId.Canceled;

    /// <summary>What to do about it, in a sentence.</summary>
    public string RecommendedAction { get; } = "If ThreadId is set, continue that thread.";

    /// <summary>The thread of the run, where one had begun: with it the run can be continued.</summary>
    public string? ThreadId { get; init; }
}
