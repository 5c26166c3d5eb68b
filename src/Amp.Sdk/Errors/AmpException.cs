namespace Amp;

/// <summary>The base of everything that this library throws for the CLI, the agent, or what it was given.</summary>
public class AmpException : Exception
{
    /// <summary>Makes an exception with its stable ID and what the user can do.</summary>
    public AmpException(string message, string errorId, string? recommendedAction = null, Exception? innerException = null)
        : base(message, innerException)
    {
        ErrorId = errorId;
        RecommendedAction = recommendedAction;
    }

    /// <summary>One of <see cref="AmpErrorId"/>.</summary>
    public string ErrorId { get; }

    /// <summary>What to do about it, in a sentence; null where there is nothing to advise.</summary>
    public string? RecommendedAction { get; }

    /// <summary>The thread of the run, where one had begun: with it the run can be continued.</summary>
    public string? ThreadId { get; init; }
}
