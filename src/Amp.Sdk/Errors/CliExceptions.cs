namespace Amp;

/// <summary>The CLI's process could not be started, failed, was killed, or ended without a result.</summary>
public sealed class AmpProcessException : AmpException
{
    /// <summary>Creates an exception with the details of the exit.</summary>
    public AmpProcessException(
        string message, string errorId, string? recommendedAction = null, Exception? innerException = null)
        : base(message, errorId, recommendedAction, innerException)
    {
    }

    /// <summary>The exit code; null if the process did not start or was terminated by a signal.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that terminated the process, such as <c>SIGKILL</c>; null if there was none.</summary>
    public string? Signal { get; init; }

    /// <summary>The last 64 KiB of the CLI's standard error, without control sequences and secrets.</summary>
    public string StandardError { get; init; } = string.Empty;

    /// <summary>Whether the CLI's standard error was longer than <see cref="StandardError"/>.</summary>
    public bool StandardErrorTruncated { get; init; }
}

/// <summary>The Amp CLI, or a program that it requires, does not exist, cannot be executed, or is another program of that name.</summary>
public sealed class AmpCliNotFoundException : AmpException
{
    /// <summary>Creates an exception that describes the search and how to install the CLI.</summary>
    public AmpCliNotFoundException(string message, string? recommendedAction, string? path = null, Exception? innerException = null)
        : base(message, AmpErrorId.CliNotFound, recommendedAction, innerException) => Path = path;

    /// <summary>The path of the file; null if no file was found.</summary>
    public string? Path { get; }
}

/// <summary>No API key was found, or the service does not accept it. The CLI's interactive login is never started.</summary>
public sealed class AmpAuthenticationException : AmpException
{
    internal const string WayOut =
        "Set the environment variable AMP_API_KEY to an access token of your Amp account, or run 'amp login' once in a terminal.";

    /// <summary>Creates an exception that describes how to log in.</summary>
    public AmpAuthenticationException(string message)
        : base(
            message,
            AmpErrorId.NotAuthenticated,
            WayOut)
    {
    }
}

/// <summary>A line of the CLI's output started as JSON but cannot be read.</summary>
public sealed class AmpJsonException : AmpException
{
    /// <summary>Creates an exception that contains the line.</summary>
    public AmpJsonException(string message, string rawLine, Exception? innerException = null, string? recommendedAction = null)
        : base(message, AmpErrorId.InvalidStreamJson, recommendedAction, innerException) => RawLine = rawLine;

    /// <summary>The line as the CLI wrote it, or the beginning of a line that is longer than allowed.</summary>
    public string RawLine { get; }
}
