namespace Amp.PowerShell.Completion;

/// <summary>Offers the places where a new thread may run, as the CLI's help names them.</summary>
public sealed class ExecutorCompleter : AmpCompleter
{
    private static readonly Candidate[] s_known =
    [
        new("local", "On this machine."),
        new("orb", "On a machine that Amp provides."),
        new("runner:", "On a runner: put its ID after the colon."),
    ];

    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => request.Cli is AmpCli cli
        ? cli.Capabilities.Executors.Select(place => place.Split('<')[0]).Select(
            place => s_known.FirstOrDefault(known => known.Value == place) ?? new Candidate(place))
        : s_known;
}
