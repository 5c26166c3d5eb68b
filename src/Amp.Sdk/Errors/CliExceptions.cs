namespace Amp;

/// <summary>The CLI's process did not do its work: it could not be started, failed, was killed, or ended without a result.</summary>
public sealed class AmpProcessException : AmpException
{
    /// <summary>Makes an exception with what is known of the process's end.</summary>
    public AmpProcessException(
        string message, string errorId, string? recommendedAction = null, Exception? innerException = null)
        : base(message, errorId, recommendedAction, innerException)
    {
    }

    /// <summary>The exit code; null where the process never ran or was ended by a signal.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that ended the process, <c>SIGKILL</c> for instance; null where none did.</summary>
    public string? Signal { get; init; }

    /// <summary>The last 64 KiB of what the CLI wrote to its standard error, without control sequences and secrets.</summary>
    public string StandardError { get; init; } = string.Empty;

    /// <summary>Whether the CLI wrote more to its standard error than <see cref="StandardError"/> holds.</summary>
    public bool StandardErrorTruncated { get; init; }
}

/// <summary>The Amp CLI, or what it needs to run, is not there, cannot be executed, or is another program of that name.</summary>
public sealed class AmpCliNotFoundException : AmpException
{
    /// <summary>Makes an exception that says what was looked for and how to get it.</summary>
    public AmpCliNotFoundException(string message, string? recommendedAction, string? path = null, Exception? innerException = null)
        : base(message, AmpErrorId.CliNotFound, recommendedAction, innerException) => Path = path;

    /// <summary>The file in question; null where none was found at all.</summary>
    public string? Path { get; }
}

/// <summary>There is no API key, or the service does not accept it. The CLI's interactive login is never started.</summary>
public sealed class AmpAuthenticationException : AmpException
{
    internal const string WayOut =
        "Set the environment variable AMP_API_KEY to an access token of your Amp account, or run 'amp login' once in a terminal.";

    /// <summary>Makes an exception that says how to log in.</summary>
    public AmpAuthenticationException(string message)
        : base(
            message,
            AmpErrorId.NotAuthenticated,
            WayOut)
    {
    }
}

/// <summary>A line of the CLI's output began as JSON and cannot be read.</summary>
public sealed class AmpJsonException : AmpException
{
    /// <summary>Makes an exception that carries the line.</summary>
    public AmpJsonException(string message, string rawLine, Exception? innerException = null, string? recommendedAction = null)
        : base(message, AmpErrorId.InvalidStreamJson, recommendedAction, innerException) => RawLine = rawLine;

    /// <summary>The line as the CLI wrote it; of one that was longer than allowed, its beginning.</summary>
    public string RawLine { get; }
}
