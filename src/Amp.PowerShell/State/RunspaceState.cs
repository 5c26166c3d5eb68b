using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Amp.PowerShell.State;

/// <summary>What the module remembers, a runspace each: runs in other runspaces of the process are other people's runs.</summary>
internal sealed class RunspaceState
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceState> s_states = new();

    private readonly Lazy<SessionList> _sessions;

    private RunspaceState(Runspace? runspace) => _sessions = new Lazy<SessionList>(() => new SessionList(runspace));

    /// <summary>The sessions that were made in this runspace and not removed.</summary>
    public SessionList Sessions => _sessions.Value;

    /// <summary>The budgets that were made or opened in this runspace.</summary>
    public BudgetList Budgets { get; } = new();

    /// <summary>The names that have passed through this runspace.</summary>
    public SeenNames Seen { get; } = new();

    /// <summary>The thread of the last run, which <c>-ContinueThread</c> continues.</summary>
    public string? LastThreadId { get; private set; }

    /// <summary>
    /// How many scripts of the caller's a run has called that have not come back: tools and approvals. A run that one of them starts is
    /// none of the caller's own.
    /// </summary>
    public int CallDepth { get; set; }

    /// <summary>Remembers the thread of a run, unless the run is one inside another.</summary>
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
