namespace Amp.PowerShell.Completion;

/// <summary>Offers the skills that this session has seen, and those that lie in the folders of the workspace and the user.</summary>
public sealed class SkillNameCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => request.Seen.Skills
        .Select(skill => new Candidate(skill.Key, skill.Value))
        .Concat(new SkillClient(request.CliOptions).FindNames().Order(StringComparer.OrdinalIgnoreCase).Select(name => new Candidate(name)));
}
