namespace Amp;

/// <summary>The base class of the exceptions that this library throws for the CLI, the agent, or invalid input.</summary>
public class AmpException : Exception
{
    /// <summary>Creates an exception with its stable ID and recommended action.</summary>
    public AmpException(string message, string errorId, string? recommendedAction = null, Exception? innerException = null)
        : base(message, innerException)
    {
        ErrorId = errorId;
        RecommendedAction = recommendedAction;
    }

    /// <summary>One of <see cref="AmpErrorId"/>.</summary>
    public string ErrorId { get; }

    /// <summary>The recommended action, in a sentence; null if there is none.</summary>
    public string? RecommendedAction { get; }

    /// <summary>The thread of the run, which can be continued; null if no thread had started.</summary>
    public string? ThreadId { get; init; }
}
