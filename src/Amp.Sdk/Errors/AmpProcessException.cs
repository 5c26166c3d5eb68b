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
