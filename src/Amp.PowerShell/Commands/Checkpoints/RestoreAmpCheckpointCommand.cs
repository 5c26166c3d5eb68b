using System.Management.Automation;
using Amp.Checkpoints;
using Amp.PowerShell.Completion;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Restores the files of a checkpoint: changed and deleted files are written again, files that did not exist are deleted, and ignored files are not
/// changed. The current state is saved first, in a checkpoint that you get, so that you can undo the restore.
/// </summary>
/// <example>
///   <code>Restore-AmpCheckpoint $result.CheckpointId -WhatIf</code>
/// </example>
[Cmdlet(VerbsData.Restore, "AmpCheckpoint", SupportsShouldProcess = true)]
[OutputType(typeof(AmpCheckpoint))]
public sealed class RestoreAmpCheckpointCommand : CheckpointFileCmdlet
{
    /// <summary>The checkpoint. You can also pipe in a checkpoint, or the result of a run.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("CheckpointId")]
    [ArgumentCompleter(typeof(CheckpointIdCompleter))]
    public string Id { get; set; } = string.Empty;

    /// <summary>Also restores files that were edited after the run of the checkpoint.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasPipedNull(nameof(WorkingDirectory)))
        {
            return;
        }

        IReadOnlyList<FileDifference>? differences = [];
        if (!TryChoose(out string[]? paths, out IReadOnlyList<string> unreadable)
            || (paths is not { Length: 0 } && !TryFor((client, token) => client.PreviewRestoreAsync(Id, paths, Force, token), Id, out differences)))
        {
            return;
        }

        if (Force && unreadable.Count > 0)
        {
            WriteWarning($"These files and nested repositories cannot be read or added by Git now, so they are not restored: {KeptState.Shown(unreadable)}.");
        }

        HashSet<string> chosen = new(StringComparer.Ordinal);
        foreach (FileDifference difference in differences!)
        {
            string action = difference.Kind == FileDifferenceKind.Deleted ? "Delete the file, because it did not exist" : "Restore the file";
            if (ShouldProcess(TerminalText.Name(difference.FullName), action))
            {
                chosen.Add(difference.Path);
            }
        }

        if (chosen.Count == 0)
        {
            WriteVerbose($"No file of checkpoint {Id} was restored.");
        }
        else if (TryFor<AmpCheckpoint?>((client, token) => client.RestoreOnlyAsync(Id, paths, Force, chosen, token), Id, out AmpCheckpoint? undo) && undo is not null)
        {
            WriteSeen(undo);
        }
    }

    // The paths are null for all files. False if an error was written.
    private bool TryChoose(out string[]? paths, out IReadOnlyList<string> unreadable)
    {
        paths = null;
        unreadable = [];
        if (ChoosesAll && !Force)
        {
            return true;
        }

        if (!TryFor((client, token) => client.CompareToPresentAsync(Id, token), Id, out (IReadOnlyList<FileDifference> Differences, IReadOnlyList<string> Unreadable) all)
            || !TryWork(() => Chosen(all.Differences, all.Unreadable), out (IReadOnlyList<FileDifference> Differences, IReadOnlyList<string> Unreadable) chosen, Id))
        {
            return false;
        }

        unreadable = chosen.Unreadable;
        if (ChoosesAll)
        {
            return true;
        }

        // A renamed file has two names, and each of them is one file to restore. What cannot be read is refused there.
        paths =
        [
            .. chosen.Differences.Select(difference => difference.FullName),
            .. chosen.Differences.Where(difference => difference.PreviousPath is not null).Select(difference => difference.FullName[..^difference.Path.Length] + difference.PreviousPath),
            .. chosen.Unreadable,
        ];
        return true;
    }
}
