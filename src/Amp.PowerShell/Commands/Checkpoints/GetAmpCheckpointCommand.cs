using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Gets the checkpoints of a folder, newest first. Runs and sessions with <c>-Checkpoint</c> create them, and so do restores.</summary>
/// <example>
///   <code>Get-AmpCheckpoint | Select-Object -First 1 | Compare-AmpCheckpoint</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpCheckpoint")]
[OutputType(typeof(AmpCheckpoint))]
public sealed class GetAmpCheckpointCommand : CheckpointCmdlet
{
    /// <summary>The IDs. By default, all checkpoints of the folder.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("CheckpointId")]
    [ArgumentCompleter(typeof(CheckpointIdCompleter))]
    public string[]? Id { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasPipedNull(nameof(Id)))
        {
            return;
        }

        if (Id is null)
        {
            if (TryFor((client, token) => client.ListAsync(token), WorkingDirectory, out IReadOnlyList<AmpCheckpoint>? all))
            {
                foreach (AmpCheckpoint checkpoint in all!)
                {
                    WriteSeen(checkpoint);
                }
            }

            return;
        }

        foreach (string id in Id)
        {
            if (TryFor((client, token) => client.GetAsync(id, token), id, out AmpCheckpoint? checkpoint))
            {
                WriteSeen(checkpoint);
            }
        }
    }
}
