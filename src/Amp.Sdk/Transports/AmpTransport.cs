using Amp.Transports;

namespace Amp;

/// <summary>
/// The connection to the CLI of a run, which determines how the CLI is found, queried for its features, and started. Without one
/// (<see cref="CliOptions.Transport"/>), the CLI is a process of this machine.
/// </summary>
/// <remarks>All transports are part of this library. You cannot derive from this class.</remarks>
public abstract class AmpTransport
{
    private protected AmpTransport()
    {
    }

    /// <summary>The name of the machine on which the CLI works, as the caller gave it; null for this machine.</summary>
    public virtual string? HostName => null;

    /// <summary>
    /// Whether the folder, the files and the variables of a run are those of this machine. Otherwise, nothing of this machine is read or
    /// checked for them, and what cannot leave this machine is refused before anything starts.
    /// </summary>
    internal virtual bool IsLocal => true;

    /// <summary>
    /// Whether nothing is started: this process answers the run, from a record or a mock. No settings of the user are read then, and nobody is waited for.
    /// </summary>
    internal virtual bool IsReplay => false;

    /// <summary>Finds the CLI, as far as that is possible without starting anything and without a connection.</summary>
    /// <exception cref="AmpException">The CLI is certainly not there.</exception>
    internal abstract CliProgram Find(CliLookup lookup);

    /// <summary>Gets what is known about a CLI, without starting anything and without a connection; null if it is not known.</summary>
    internal abstract AmpCli? Recall(CliProgram program, CliLookup lookup);

    /// <summary>Asks the CLI what it can do, unless that is known; null if only the connection of a run tells it.</summary>
    /// <exception cref="AmpException">The CLI is not there, cannot be started, or is another program.</exception>
    internal abstract Task<AmpCli?> AskAsync(CliProgram program, CliLookup lookup, CancellationToken cancellationToken);

    /// <summary>Opens the connection of one run, when its turn to start has come.</summary>
    /// <exception cref="AmpException">There is no connection, or no CLI. Nothing of the run is left.</exception>
    internal abstract Task<RunConnection> ConnectAsync(CliProgram program, CliLookup lookup, CancellationToken cancellationToken);
}
