namespace Amp;

/// <summary>A checkpoint does not exist, or cannot be restored without losing what was edited after its run. Nothing was changed.</summary>
public sealed class AmpCheckpointException : AmpException
{
    /// <summary>Creates an exception about a checkpoint.</summary>
    /// <param name="message">The message, which describes the request and the reason.</param>
    /// <param name="errorId"><see cref="AmpErrorId.CheckpointNotFound"/> or <see cref="AmpErrorId.CheckpointConflict"/>.</param>
    /// <param name="recommendedAction">The recommended action.</param>
    public AmpCheckpointException(string message, string errorId, string? recommendedAction)
        : base(message, errorId, recommendedAction)
    {
    }

    /// <summary>The ID of the checkpoint.</summary>
    public string? CheckpointId { get; init; }

    /// <summary>
    /// The files of a conflict, relative to the folder of the checkpoint: those that were edited after the run, that are in the way, or that cannot be read
    /// now; empty for other errors.
    /// </summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}
