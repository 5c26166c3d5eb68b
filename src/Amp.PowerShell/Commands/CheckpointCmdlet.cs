using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>The base class of cmdlets for checkpoints: the folder, and the wait for Git.</summary>
public abstract class CheckpointCmdlet : AmpCmdlet
{
    // As for the checkpoint of a run: a command that takes longer waits for something.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <summary>The folder of the runs, or any folder in its repository. The default is PowerShell's current folder.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Cwd", "Folder")]
    public string? WorkingDirectory { get; set; }

    /// <summary>
    /// Does work for one object of the pipeline, after a check for a piped folder that is null (<see cref="AmpCmdlet.HasPipedNull"/>). A failure becomes an
    /// error for that object.
    /// </summary>
    private protected bool TryFor<T>(Func<CheckpointClient, CancellationToken, Task<T>> work, object? target, out T? result) => TryWork(
        () =>
        {
            CliOptions options = new()
            {
                WorkingDirectory = WorkingDirectory is null ? CurrentFolder() : ResolveFilePath(WorkingDirectory, nameof(WorkingDirectory)),
                Timeout = s_limit,
            };
            return work(new CheckpointClient(options), StopToken).GetAwaiter().GetResult();
        },
        out result,
        target);
}
