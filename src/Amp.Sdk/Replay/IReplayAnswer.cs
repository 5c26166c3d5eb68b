using Amp.Processes;

namespace Amp.Replay;

/// <summary>An answer to a run, from a record or a mock.</summary>
internal interface IReplayAnswer
{
    /// <summary>Plays the answer, from the first message until the agent exits.</summary>
    /// <param name="stage">The run.</param>
    /// <param name="message">The first message.</param>
    /// <exception cref="AmpException">The run differs from its record.</exception>
    Task<ProcessExit> PlayAsync(ReplayStage stage, string message);
}
