namespace Amp.PowerShell.Completion;

/// <summary>Completes agent modes: those in the CLI's help, or those of all CLIs of 2026 if the CLI has not been asked yet.</summary>
internal sealed class ModeCompleter : AmpCompleter
{
    private static readonly Candidate[] s_known =
    [
        .. ((string[])["low", "medium", "high", "ultra"]).Select(mode => new Candidate(mode, "A mode of CLIs of June 2026 or later. Get-AmpCli shows the modes of your CLI.")),
        .. ((string[])["smart", "rush", "deep", "large", "free"]).Select(mode => new Candidate(mode, "A mode of CLIs until June 2026. Get-AmpCli shows the modes of your CLI.")),
    ];

    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => request.Cli is AmpCli cli
        ? cli.Modes.Select(mode => new Candidate(mode, $"An agent mode of the Amp CLI {cli.Version}."))
        : s_known;
}

/// <summary>Completes the places where a new thread can run, from the CLI's help.</summary>
internal sealed class ExecutorCompleter : AmpCompleter
{
    private static readonly Candidate[] s_known =
    [
        new("local", "On this machine."),
        new("orb", "On a machine that Amp provides."),
        new("runner:", "On a runner. Add its ID after the colon."),
    ];

    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => request.Cli is AmpCli cli
        ? cli.Capabilities.Executors.Select(place => place.Split('<')[0]).Select(
            place => s_known.FirstOrDefault(known => known.Value == place) ?? new Candidate(place))
        : s_known;
}

/// <summary>Completes the thread features in the CLI's help.</summary>
internal sealed class FeatureCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => request.Cli is AmpCli cli
        ? cli.Features.Select(feature => new Candidate(feature.Name, feature.Description))
        : [new Candidate("fast", "Faster serving, if the model supports it. Get-AmpCli shows the features of your CLI.")];
}

/// <summary>Completes log levels: those in the CLI's help, or else those of all CLIs of 2026.</summary>
internal sealed class LogLevelCompleter : AmpCompleter
{
    private static readonly string[] s_known = ["error", "warn", "info", "debug", "audit"];

    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        (request.Cli?.Capabilities.LogLevels is { Count: > 0 } levels ? levels : s_known).Select(level => new Candidate(level));
}
