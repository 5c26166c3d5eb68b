using Amp.PowerShell.State;

namespace Amp.PowerShell.Completion;

/// <summary>Offers the sessions of this PowerShell session by their names.</summary>
public sealed class SessionNameCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        RunspaceState.Current.Sessions.All.Select(session => new Candidate(
            session.Name, $"Session {session.Id}, {session.State}, thread {session.ThreadId ?? "(none yet)"}"));
}
