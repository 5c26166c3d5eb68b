using System.Globalization;

namespace Amp.PowerShell.Completion;

/// <summary>Completes the IDs of the checkpoints that were listed or created in this session, newest first. You can also type a part of the prompt.</summary>
internal sealed class CheckpointIdCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        request.Seen.Checkpoints.Select(checkpoint => new Candidate(
            checkpoint.Key,
            string.Format(CultureInfo.CurrentCulture, "{0}{1}", checkpoint.Key, checkpoint.Value is null ? string.Empty : $": {checkpoint.Value}"),
            checkpoint.Value));
}
