namespace Amp.Services;

/// <summary>A service that is open for one run.</summary>
/// <param name="Contribution">What the CLI is told of it; of the same shape as what was planned.</param>
/// <param name="Lifetime">Closes it. Called when the CLI and all that it started have ended, whatever way the run went.</param>
internal sealed record OpenRunService(RunContribution Contribution, IAsyncDisposable Lifetime);
