namespace Amp.PowerShell.Completion;

/// <summary>Offers agent modes: those that the CLI's help names, or those of all CLIs of 2026 where it was not asked yet.</summary>
public sealed class ModeCompleter : AmpCompleter
{
    private static readonly Candidate[] s_known =
    [
        .. ((string[])["low", "medium", "high", "ultra"]).Select(mode => new Candidate(mode, "A mode of the CLIs from June 2026 on. Get-AmpCli tells those of yours.")),
        .. ((string[])["smart", "rush", "deep", "large", "free"]).Select(mode => new Candidate(mode, "A mode of the CLIs until June 2026. Get-AmpCli tells those of yours.")),
    ];

    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => request.Cli is AmpCli cli
        ? cli.Modes.Select(mode => new Candidate(mode, $"An agent mode of the Amp CLI {cli.Version}."))
        : s_known;
}
