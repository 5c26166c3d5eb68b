using System.Globalization;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Completion;

/// <summary>Completes the numbers of the sessions of this PowerShell session.</summary>
internal sealed class SessionIdCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        RunspaceState.Current.Sessions.All.Select(session => new Candidate(
            session.Id.ToString(CultureInfo.InvariantCulture),
            $"{session.Name}, {session.State}, thread {session.ThreadId ?? "(none yet)"}",
            session.Name));
}

/// <summary>Completes the names of the sessions of this PowerShell session.</summary>
internal sealed class SessionNameCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        RunspaceState.Current.Sessions.All.Select(session => new Candidate(
            session.Name, $"Session {session.Id}, {session.State}, thread {session.ThreadId ?? "(none yet)"}"));
}

/// <summary>Completes the IDs of the processes of runs.</summary>
internal sealed class ProcessIdCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => new ProcessClient().List().Select(process => new Candidate(
        process.Id.ToString(CultureInfo.InvariantCulture),
        $"{process}, started by process {process.OwnerId}{(process.IsOrphan ? ", which has exited" : string.Empty)}",
        process.Name));
}
