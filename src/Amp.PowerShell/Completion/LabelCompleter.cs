namespace Amp.PowerShell.Completion;

/// <summary>Offers the labels that were given in this session.</summary>
public sealed class LabelCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        request.Seen.Labels.Keys.Order(StringComparer.OrdinalIgnoreCase).Select(label => new Candidate(label));
}
