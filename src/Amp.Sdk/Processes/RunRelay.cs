namespace Amp.Processes;

/// <summary>
/// The way to this process from another machine, on which the CLI of a run works: programs there, each start of which is a conversation with this process.
/// It requires nothing but the run's own connection.
/// </summary>
internal abstract class RunRelay
{
    /// <summary>The full path of the folder in which the agent works there.</summary>
    public abstract string WorkingDirectory { get; }

    /// <summary>Adds a program to the private folder of the run.</summary>
    /// <param name="name">The name of its file, without blanks.</param>
    /// <param name="text">
    /// Creates the program, for a POSIX shell, from the lines that connect it. After them, it writes to this process with descriptor 3 and reads from it with
    /// descriptor 4. If it cannot be connected, the shell exits.
    /// </param>
    /// <param name="converse">
    /// Called with each conversation. Its stream ends when the program there has exited, and at the latest when everything of the run has. The conversation
    /// ends for the program when the task does. It does not throw.
    /// </param>
    /// <returns>The full path of the program there. Its owner can execute it.</returns>
    public abstract string Add(string name, Func<string, string> text, Func<RelayStream, Task> converse);
}

/// <summary>A conversation with a program on another machine. What is written is sent with <see cref="Stream.Flush"/>, or when there is much of it.</summary>
internal abstract class RelayStream : SequentialStream
{
    /// <summary>Sends what was written, and ends what the program can read. It can still be read from.</summary>
    /// <exception cref="IOException">There is no connection anymore.</exception>
    public abstract Task EndAsync();
}
