using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Amp.PowerShell.State;

/// <summary>The state of the module for each runspace. Runs in other runspaces of the process belong to other callers.</summary>
internal sealed class RunspaceState
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceState> s_states = new();

    private readonly Lazy<SessionList> _sessions;

    private RunspaceState(Runspace? runspace) => _sessions = new Lazy<SessionList>(() => new SessionList(runspace));

    /// <summary>The sessions that were created in this runspace and not removed.</summary>
    public SessionList Sessions => _sessions.Value;

    /// <summary>The budgets that were created or opened in this runspace.</summary>
    public BudgetList Budgets { get; } = new();

    /// <summary>The names that this runspace has seen.</summary>
    public SeenNames Seen { get; } = new();

    /// <summary>The thread of the last run, which <c>-ContinueThread</c> continues.</summary>
    public string? LastThreadId { get; private set; }

    /// <summary>
    /// The number of active scripts that a run has called: tools and approvals. A run that one of them starts is not the caller's own.
    /// </summary>
    public int CallDepth { get; set; }

    /// <summary>
    /// The number of runs that cmdlets of this runspace read. They can end only on its pipeline thread, so another run that starts there must
    /// not wait for one of them.
    /// </summary>
    public int ActiveRuns { get; set; }

    /// <summary>Whether a run that starts here now cannot wait until another one ends.</summary>
    public bool HoldsRuns => ActiveRuns > 0 || (_sessions.IsValueCreated && Sessions.All.Any(session => session.State == AmpSessionState.Running));

    /// <summary>Remembers the thread of a run, unless the run was started by another run.</summary>
    public void NoteRun(string threadId)
    {
        if (CallDepth == 0)
        {
            LastThreadId = threadId;
        }
    }

    public static RunspaceState Current => Runspace.DefaultRunspace is Runspace runspace
        ? s_states.GetValue(runspace, _ => new RunspaceState(runspace))
        : new RunspaceState(null);
}
