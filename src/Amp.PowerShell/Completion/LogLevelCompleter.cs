namespace Amp.PowerShell.Completion;

/// <summary>Offers log levels: those that the CLI's help names, or else those of all CLIs of 2026.</summary>
public sealed class LogLevelCompleter : AmpCompleter
{
    private static readonly string[] s_known = ["error", "warn", "info", "debug", "audit"];

    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        (request.Cli?.Capabilities.LogLevels is { Count: > 0 } levels ? levels : s_known).Select(level => new Candidate(level));
}
