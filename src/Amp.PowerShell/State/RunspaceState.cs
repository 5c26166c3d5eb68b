using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Amp.PowerShell.State;

/// <summary>The state of the module for each runspace. Runs in other runspaces of the process belong to other callers.</summary>
internal sealed class RunspaceState
{
    private static readonly ConditionalWeakTable<Runspace, RunspaceState> s_states = new();

    private readonly Lazy<BackgroundWork> _background;
    private readonly Lazy<SessionList> _sessions;

    private RunspaceState(Runspace? runspace)
    {
        _background = new Lazy<BackgroundWork>(() => new BackgroundWork(runspace));
        _sessions = new Lazy<SessionList>(() => new SessionList(Background));
    }

    /// <summary>What was started in this runspace, goes on by itself, and ends with the runspace.</summary>
    public BackgroundWork Background => _background.Value;

    /// <summary>The sessions that were created in this runspace and not removed.</summary>
    public SessionList Sessions => _sessions.Value;

    /// <summary>The budgets that were created or opened in this runspace.</summary>
    public BudgetList Budgets { get; } = new();

    /// <summary>What answers the runs of this runspace.</summary>
    public ReplayStack Replays { get; } = new();

    /// <summary>The replay that answers runs of this runspace; null if they are real. Jobs and sessions keep the one with which they were started.</summary>
    public AmpReplay? Replay => Replays.Active.Replay;

    /// <summary>The names that this runspace has seen.</summary>
    public SeenNames Seen { get; } = new();

    /// <summary>The thread of the last run, which <c>-ContinueThread</c> continues.</summary>
    public string? LastThreadId => Replays.Active.LastThreadId;

    /// <summary>
    /// The number of active scripts that a run has called: tools and approvals. A run that one of them starts is not the caller's own.
    /// </summary>
    public int CallDepth { get; set; }

    /// <summary>Whether a cmdlet of this runspace reads a run, which can then end only on its pipeline thread.</summary>
    public bool IsReading => _readers > 0;

    // The runs that cmdlets of this runspace read.
    private int _readers;

    /// <summary>Notes that a cmdlet reads a run, until the returned object is disposed of.</summary>
    public RunReader BeginReading() => new(this);

    /// <summary>Remembers the thread of a run, unless the run was started by another run.</summary>
    public void NoteRun(string threadId)
    {
        if (CallDepth == 0)
        {
            Replays.Active.LastThreadId = threadId;
        }
    }

    /// <summary>
    /// A cmdlet that reads a run. Runs of one runspace can end only on its pipeline thread, so a run that starts there while another is read must
    /// not wait for it.
    /// </summary>
    internal sealed class RunReader : IDisposable
    {
        private readonly bool _isNested;
        private RunspaceState? _state;

        public RunReader(RunspaceState state)
        {
            _state = state;
            _isNested = state._readers > 0 || (state._sessions.IsValueCreated && state.Sessions.IsPipelineNeeded);
            state._readers++;
        }

        /// <summary>Enters the code that pulls the run's events; null if the run may wait for its place.</summary>
        public IDisposable? Enter() => _isNested ? AmpThrottle.EnterCallback() : null;

        public void Dispose()
        {
            if (_state is RunspaceState state)
            {
                _state = null;
                state._readers--;
            }
        }
    }

    public static RunspaceState Current => Runspace.DefaultRunspace is Runspace runspace
        ? s_states.GetValue(runspace, _ => new RunspaceState(runspace))
        : new RunspaceState(null);
}
