namespace Amp.PowerShell.State;

/// <summary>A replay that answers the runs of a runspace, and what answered them before.</summary>
/// <param name="Replay">The replay.</param>
/// <param name="Outer">The frame before it; null if runs were real.</param>
internal sealed record ReplayFrame(AmpReplay Replay, ReplayFrame? Outer)
{
    /// <summary>Gets the frames without a replay; null if none is left.</summary>
    public static ReplayFrame? Without(ReplayFrame? frame, AmpReplay replay) => frame is null ? null
        : ReferenceEquals(frame.Replay, replay) ? frame.Outer
        : frame with { Outer = Without(frame.Outer, replay) };
}
