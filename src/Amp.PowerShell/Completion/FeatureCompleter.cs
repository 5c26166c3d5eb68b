namespace Amp.PowerShell.Completion;

/// <summary>Offers the thread features that the CLI's help names.</summary>
public sealed class FeatureCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => request.Cli is AmpCli cli
        ? cli.Features.Select(feature => new Candidate(feature.Name, feature.Description))
        : [new Candidate("fast", "Faster serving, where the model has it. Get-AmpCli tells the features of your CLI.")];
}
