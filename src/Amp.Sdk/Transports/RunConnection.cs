using Amp.Processes;

namespace Amp.Transports;

/// <summary>What the search for a CLI depends on.</summary>
/// <param name="CliPath">The path that the caller gave; null to search.</param>
/// <param name="WorkingDirectory">The folder in which the agent works; null for the default of a machine that is not connected yet.</param>
/// <param name="Environment">The variables of the CLI, or those in addition to the variables of another machine.</param>
/// <param name="Removed">The variables to remove from those of another machine.</param>
/// <param name="NeedsPrograms">Whether the CLI must be able to start programs of the run's private folder.</param>
internal sealed record CliLookup(
    string? CliPath,
    string? WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyCollection<string> Removed,
    bool NeedsPrograms = false);

/// <summary>
/// The connection of one run to the machine of its CLI. It is opened when the run starts and disposed when everything of the run has ended.
/// </summary>
internal abstract class RunConnection : IAsyncDisposable
{
    /// <summary>What the connection found there; null if the plan knows everything already.</summary>
    public virtual HostFacts? Found => null;

    /// <summary>
    /// The settings of the workspace and the user on another machine that have changed since <see cref="Found"/>, without content if they cannot be read.
    /// They are known when the CLI has exited. None if they can be read here at any time.
    /// </summary>
    public virtual IReadOnlyList<HostFile> ChangedSettings => [];

    /// <summary>Creates the private folder of the run.</summary>
    /// <param name="workingDirectory">The folder in which the agent works, which cannot contain it.</param>
    /// <exception cref="AmpException">No folder can be created.</exception>
    public abstract RunFolder CreateFolder(string workingDirectory);

    /// <summary>Starts the CLI. It is called once.</summary>
    /// <exception cref="AmpException">The CLI cannot be started, or the connection is lost.</exception>
    public abstract Task<RunProcess> StartAsync(ProcessCommand command, CancellationToken cancellationToken);

    /// <summary>Closes the connection.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>What was found on another machine, on which a plan depends.</summary>
/// <param name="Cli">The CLI and what it can do.</param>
/// <param name="WorkingDirectory">The full path of the folder in which the agent works.</param>
/// <param name="Home">The full path of the user's home folder.</param>
/// <param name="User">The settings of the user.</param>
/// <param name="Workspace">The settings of the workspace, without content if there are none.</param>
internal sealed record HostFacts(AmpCli Cli, string WorkingDirectory, string Home, HostFile? User, HostFile? Workspace);

/// <summary>A file of another machine.</summary>
/// <param name="Path">The full path there.</param>
/// <param name="Content">
/// The content. At the start of the run, null if there is no file. Among the changed settings, null if the file cannot be read, and empty if it was
/// removed.
/// </param>
internal sealed record HostFile(string Path, ReadOnlyMemory<byte>? Content);
