namespace Amp;

/// <summary>What a session can do now.</summary>
public enum AmpSessionState
{
    /// <summary>It waits for the next message.</summary>
    Ready,

    /// <summary>The agent works on a message; the next one has to wait.</summary>
    Running,

    /// <summary>It was ended by its owner and takes no more messages.</summary>
    Ended,

    /// <summary>Its CLI died; the next call tells how, and no message is taken any more.</summary>
    Failed,
}
