namespace Amp;

/// <summary>What came of a run: more than whether it failed, since a run may succeed and not have done its work.</summary>
public enum AmpRunOutcome
{
    /// <summary>The run ended well and nothing speaks against it.</summary>
    Succeeded,

    /// <summary>At least one tool was not allowed; the agent may have gone on without it.</summary>
    Denied,

    /// <summary>The run ended well and said nothing, or the model was never asked.</summary>
    Empty,

    /// <summary>The run ended well in the middle of its work: right after a tool call, without the tool's result.</summary>
    Truncated,

    /// <summary>The run failed.</summary>
    Failed,

    /// <summary>The run had taken all the turns that it may take.</summary>
    MaxTurns,

    /// <summary>The run was cancelled.</summary>
    Canceled,

    /// <summary>The run was ended because it took too long.</summary>
    TimedOut,

    /// <summary>The service did not accept the key.</summary>
    NotAuthenticated,
}
