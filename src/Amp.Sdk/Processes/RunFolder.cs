namespace Amp.Processes;

/// <summary>
/// The private folder of a run, on the machine where its CLI works. Only the user of the CLI can read it, and it is deleted with the run, whatever way
/// that ends.
/// </summary>
internal abstract class RunFolder : IDisposable
{
    /// <summary>The full path of the folder, as the CLI sees it.</summary>
    public abstract string Path { get; }

    /// <summary>The way for programs of the folder to this process; null if they reach it by themselves, because they are on the same machine.</summary>
    public virtual RunRelay? Relay => null;

    /// <summary>Adds a file. It exists at the latest when the CLI starts.</summary>
    /// <returns>The full path of the file, as the CLI sees it.</returns>
    /// <exception cref="AmpException">The file cannot be written.</exception>
    public abstract string Add(PrivateFile file);

    /// <summary>Gets a file whose content has changed; null if there is none, or if nobody can have decided by it.</summary>
    public virtual string? ChangedFile() => null;

    /// <summary>Deletes the folder.</summary>
    public abstract void Dispose();
}

/// <summary>A file for the duration of a run, readable only by this user.</summary>
/// <param name="Name">The file's name in the run's private folder.</param>
/// <param name="Content">The content.</param>
/// <param name="IsProgram">Whether its owner can execute it.</param>
internal sealed record PrivateFile(string Name, ReadOnlyMemory<byte> Content, bool IsProgram = false);
