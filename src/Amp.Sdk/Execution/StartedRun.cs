namespace Amp.Execution;

/// <summary>A run whose CLI has been started.</summary>
/// <param name="ProcessId">The CLI's process.</param>
/// <param name="IsHeld">Whether everybody waits for this side, so that the CLI's silence means nothing.</param>
internal sealed record StartedRun(int ProcessId, Func<bool> IsHeld);
