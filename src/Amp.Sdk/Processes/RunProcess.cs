namespace Amp.Processes;

/// <summary>
/// The CLI of a run while it works, wherever that is: a process of this machine, a process of another machine, or what was recorded of one. Whoever has
/// it stops it: first by asking, then by force, with everything it started.
/// </summary>
internal abstract class RunProcess : IAsyncDisposable
{
    /// <summary>The ID of the process of this machine that is or carries the CLI; null if there is none.</summary>
    public abstract int? Id { get; }

    /// <summary>The standard input of the CLI. Its end is the end of the input. Bytes are written unchanged, without a byte order mark.</summary>
    public abstract Stream Input { get; }

    /// <summary>The standard output of the CLI, and nothing else. A pipe of .NET is read fastest (<see cref="ByteSource"/>).</summary>
    public abstract Stream Output { get; }

    /// <summary>The standard error of the CLI, and nothing else.</summary>
    public abstract Stream Error { get; }

    /// <summary>Completes when the CLI has exited, even if other processes still hold its streams. It never fails.</summary>
    public abstract Task<ProcessExit> Exited { get; }

    /// <summary>
    /// Why nothing is known about the end of the CLI, such as a lost connection, when <see cref="Exited"/> has completed; null if the exit is that of
    /// the CLI.
    /// </summary>
    public virtual AmpException? Failure => null;

    /// <summary>Gets to know when the run has decided to stop the CLI, which it does a moment later.</summary>
    /// <param name="stopRequested">Completes when the run stops the CLI.</param>
    public virtual void Watch(Task stopRequested)
    {
    }

    /// <summary>Asks the CLI to exit, as Ctrl+C does. The real CLI then writes a last result and exits with 0.</summary>
    /// <returns>False if it could not be asked.</returns>
    public abstract bool Interrupt();

    /// <summary>Tells the CLI to exit, as service managers do, if it did not exit when it was asked.</summary>
    /// <returns>False if it could not be told.</returns>
    public abstract bool Terminate();

    /// <summary>
    /// Records the descendants of the process. Call it while the process is running: a process that removes its mark and loses its parent
    /// later can only be recognized in this way.
    /// </summary>
    public virtual void NoteDescendants()
    {
    }

    /// <summary>Gets the processes that may still belong to the run without proof, in words; null if there are none.</summary>
    public virtual string? Suspects() => null;

    /// <summary>
    /// Kills the CLI, if it is running, and everything of its run. Returns after a limited time, even if one of them cannot be ended.
    /// </summary>
    public abstract Task KillAsync();

    /// <summary>Kills what is still running and closes the streams.</summary>
    public abstract ValueTask DisposeAsync();
}
