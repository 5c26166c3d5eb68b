using Amp.Text;

namespace Amp.Checkpoints;

/// <summary>What a checkpoint adds to the result of its run. It is complete before the result is passed on.</summary>
internal sealed class RunChanges
{
    /// <summary>The ID of the checkpoint; null if there is none.</summary>
    public string? CheckpointId { get; set; }

    /// <summary>What is different at the end of the run.</summary>
    public IReadOnlyList<FileDifference> Changes { get; set; } = ReadableList<FileDifference>.None;
}
