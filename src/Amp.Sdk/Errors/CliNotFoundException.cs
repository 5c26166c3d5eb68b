namespace Amp;

/// <summary>The Amp CLI, or what it needs to run, is not there, cannot be executed, or is another program of that name.</summary>
public sealed class CliNotFoundException : AmpException
{
    /// <summary>Makes an exception that says what was looked for and how to get it.</summary>
    public CliNotFoundException(string message, string? recommendedAction, string? path = null, Exception? innerException = null)
        : base(message, AmpErrorId.CliNotFound, recommendedAction, innerException) => Path = path;

    /// <summary>The file in question; null where none was found at all.</summary>
    public string? Path { get; }
}
