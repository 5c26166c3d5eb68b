namespace Amp.PowerShell.Completion;

/// <summary>Offers visibilities of threads: those that the CLI's help names, or those of all CLIs of 2026 where it was not asked yet.</summary>
public sealed class VisibilityCompleter : AmpCompleter
{
    private static readonly Candidate[] s_known =
    [
        new("private", "Only you can see it."),
        new("workspace", "Everyone in your workspace can see it."),
        new("group", "The groups that your workspace shares threads with can see it."),
        new("unlisted", "Everyone who has the link can see it."),
        new("public", "Everyone can see it. CLIs since May 2026 have 'unlisted' instead."),
    ];

    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => request.Cli is AmpCli cli
        ? cli.Visibilities.Select(name => s_known.FirstOrDefault(known => known.Value == name) ?? new Candidate(name))
        : s_known;
}
