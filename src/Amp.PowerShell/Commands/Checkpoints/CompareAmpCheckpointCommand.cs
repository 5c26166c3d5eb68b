using System.Management.Automation;
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
        (string id, string? other) = ParameterSetName == OtherSet ? (ReferenceId, DifferenceId) : (Id, null);
        if (TryFor(async (client, token) => Chosen(await client.CompareAsync(id, other, token).ConfigureAwait(false), other is null), id, out IReadOnlyList<FileDifference>? found))
        {
            WriteObject(found, enumerateCollection: true);
        }
    }
}
