namespace Amp;

/// <summary>A line of the CLI's output began as JSON and cannot be read.</summary>
public sealed class AmpJsonException : AmpException
{
    /// <summary>Makes an exception that carries the line.</summary>
    public AmpJsonException(string message, string rawLine, Exception? innerException = null, string? recommendedAction = null)
        : base(message, AmpErrorId.InvalidStreamJson, recommendedAction, innerException) => RawLine = rawLine;

    /// <summary>The line as the CLI wrote it; of one that was longer than allowed, its beginning.</summary>
    public string RawLine { get; }
}
