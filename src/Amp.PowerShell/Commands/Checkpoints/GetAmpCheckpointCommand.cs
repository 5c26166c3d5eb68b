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
    private bool _isFolderGiven;

    /// <summary>The IDs. By default, all checkpoints of the folder.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("CheckpointId")]
    [ArgumentCompleter(typeof(CheckpointIdCompleter))]
    public string[]? Id { get; set; }

    /// <summary>The piped object, to find the messages of a run.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public PSObject? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();

        // A script block that PowerShell evaluates for each piped object has no value yet.
        _isFolderGiven = WorkingDirectory is not null;
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Only the result of a run names its checkpoint. The first message has the folder, and would get the checkpoints of all runs.
        if ((PipedMessage.TryRead(InputObject, out StreamMessage? message, out _) && message is not ResultMessage)
            || HasPipedNull(nameof(Id), nameof(WorkingDirectory))
            || !TryWork(CheckPiped, out _))
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

    // An object that selects nothing would get all checkpoints.
    private bool CheckPiped() => !MyInvocation.ExpectingInput || Id is not null || (WorkingDirectory is not null && !_isFolderGiven)
        ? true
        : throw new AmpValidationException("A piped object has neither the ID of a checkpoint nor a folder.", nameof(Id), "Pipe in checkpoints or the results of runs, or use -Id.");
}
