using System.Globalization;

namespace Amp.PowerShell.Completion;

/// <summary>Offers the processes of runs by their IDs.</summary>
public sealed class ProcessIdCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => ProcessClient.List().Select(process => new Candidate(
        process.Id.ToString(CultureInfo.InvariantCulture),
        $"{process}, started by process {process.OwnerId}{(process.IsOrphan ? ", which is gone" : string.Empty)}",
        process.Name));
}
