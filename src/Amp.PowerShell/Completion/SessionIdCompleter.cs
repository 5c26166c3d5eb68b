using System.Globalization;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Completion;

/// <summary>Offers the sessions of this PowerShell session by their numbers.</summary>
public sealed class SessionIdCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        RunspaceState.Current.Sessions.All.Select(session => new Candidate(
            session.Id.ToString(CultureInfo.InvariantCulture),
            $"{session.Name}, {session.State}, thread {session.ThreadId ?? "(none yet)"}",
            session.Name));
}
