using System.Management.Automation;
using Amp.Checkpoints;
using Amp.PowerShell.Completion;

namespace Amp.PowerShell.Commands;

/// <summary>Compares the state of a checkpoint with the current state of its folder, or with the state of another checkpoint.</summary>
/// <example>
///   <code>(Get-AmpCheckpoint)[0] | Compare-AmpCheckpoint | Select-Object -ExpandProperty Diff</code>
/// </example>
[Cmdlet(VerbsData.Compare, "AmpCheckpoint", DefaultParameterSetName = NowSet)]
[OutputType(typeof(FileDifference))]
public sealed class CompareAmpCheckpointCommand : CheckpointFileCmdlet
{
    private const string NowSet = "Now";
    private const string OtherSet = "Other";

    /// <summary>The checkpoint to compare with the current state of the folder.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = NowSet)]
    [Alias("CheckpointId")]
    [ArgumentCompleter(typeof(CheckpointIdCompleter))]
    public string Id { get; set; } = string.Empty;

    /// <summary>The first of two checkpoints to compare.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OtherSet)]
    [ArgumentCompleter(typeof(CheckpointIdCompleter))]
    public string ReferenceId { get; set; } = string.Empty;

    /// <summary>The second checkpoint. The differences show what changed from the first checkpoint to this one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OtherSet)]
    [ArgumentCompleter(typeof(CheckpointIdCompleter))]
    public string DifferenceId { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasPipedNull(nameof(WorkingDirectory)))
        {
            return;
        }

        (string id, string? other) = ParameterSetName == OtherSet ? (ReferenceId, DifferenceId) : (Id, null);
        if (!TryFor((client, token) => CompareAsync(client, id, other, token), id, out (IReadOnlyList<FileDifference> Differences, IReadOnlyList<string>? Unreadable) found)
            || !TryWork(() => Chosen(found.Differences, found.Unreadable), out (IReadOnlyList<FileDifference> Differences, IReadOnlyList<string> Unreadable) chosen, id))
        {
            return;
        }

        if (chosen.Unreadable.Count > 0)
        {
            WriteWarning($"These files and nested repositories cannot be read or added by Git now, so they are not compared: {KeptState.Shown(chosen.Unreadable)}.");
        }

        WriteObject(chosen.Differences, enumerateCollection: true);
    }

    private static async Task<(IReadOnlyList<FileDifference> Differences, IReadOnlyList<string>? Unreadable)> CompareAsync(
        CheckpointClient client, string id, string? other, CancellationToken cancellationToken)
    {
        if (other is not null)
        {
            return (await client.CompareAsync(id, other, cancellationToken).ConfigureAwait(false), null);
        }

        (IReadOnlyList<FileDifference> differences, IReadOnlyList<string> unreadable) = await client.CompareToPresentAsync(id, cancellationToken).ConfigureAwait(false);
        return (differences, unreadable);
    }
}
