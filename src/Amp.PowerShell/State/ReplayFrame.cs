namespace Amp.PowerShell.State;

/// <summary>A replay that answers runs of a runspace.</summary>
/// <param name="replay">The replay; null for real runs.</param>
/// <param name="isBlock">Whether it ends with a script block, and with nothing else.</param>
internal sealed class ReplayFrame(AmpReplay? replay, bool isBlock)
{
    /// <summary>The replay; null for real runs.</summary>
    public AmpReplay? Replay => replay;

    /// <summary>Whether it ends with a script block, and with nothing else.</summary>
    public bool IsBlock => isBlock;

    /// <summary>The thread of the last run. A real run must never continue the thread of a mocked one, which does not exist.</summary>
    public string? LastThreadId { get; set; }
}
