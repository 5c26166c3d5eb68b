namespace Amp.Services;

/// <summary>A service that is open for one run.</summary>
/// <param name="Contribution">What the CLI is told of it; of the same shape as what was planned.</param>
/// <param name="Lifetime">
/// Closes it. Called when the CLI and all that it started have ended, whatever way the run went, and whatever the consumer of the run does.
/// </param>
internal sealed record OpenRunService(RunContribution Contribution, IAsyncDisposable Lifetime)
{
    /// <summary>What it does for the CLI; null where that never takes long.</summary>
    public RunWork? Work { get; init; }

    /// <summary>Takes the answer in the shape that was asked for; null where none was.</summary>
    public OutputCollector? Output { get; init; }
}
