namespace Amp.Execution;

/// <summary>A run whose CLI has been started.</summary>
/// <param name="ProcessId">The CLI's process.</param>
/// <param name="Clock">Knows when the CLI was last heard of, and whether everybody waits for this side.</param>
internal sealed record StartedRun(int ProcessId, RunClock Clock);
