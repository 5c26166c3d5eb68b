using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Removes checkpoints. In a repository, Git frees their space when it cleans up its objects (<c>git gc</c>). Outside a repository, the space is freed
/// soon after. The files in the folder are not changed.
/// </summary>
/// <example>
///   <code>Get-AmpCheckpoint | Where-Object Time -lt (Get-Date).AddDays(-30) | Remove-AmpCheckpoint</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "AmpCheckpoint", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveAmpCheckpointCommand : CheckpointCmdlet
{
    /// <summary>The IDs of the checkpoints.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("CheckpointId")]
    [ArgumentCompleter(typeof(CheckpointIdCompleter))]
    public string[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasPipedNull(nameof(WorkingDirectory)))
        {
            return;
        }

        foreach (string id in Id)
        {
            if (ShouldProcess($"checkpoint {id}", "Remove") && TryFor(
                async (client, token) =>
                {
                    await client.RemoveAsync(id, token).ConfigureAwait(false);
                    return true;
                },
                id,
                out _))
            {
                RunspaceState.Current.Seen.ForgetCheckpoint(id);
            }
        }
    }
}
