using Amp.ToolServer;

namespace Amp.Plans;

/// <summary>A connection whose agent is in this process, and calls the services of the run directly.</summary>
internal interface IInProcessAgent
{
    /// <summary>Gives the agent its run, before it is started.</summary>
    /// <exception cref="AmpException">The agent has no answer for this run.</exception>
    void Begin(AgentContext context);
}

/// <summary>What an agent in this process works with.</summary>
/// <param name="Plan">The plan of the run.</param>
/// <param name="Tools">The tools of the caller, by the names that the model sees.</param>
/// <param name="Ask">Asks the caller about a call; null if nobody is asked.</param>
internal sealed record AgentContext(
    RunPlan Plan, IReadOnlyList<ServedTool> Tools, Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>>? Ask)
{
    /// <summary>Returns whether the caller decides about a call.</summary>
    public bool NeedsDecision(string? tool, ToolKind kind) => Ask is not null && Plan.Settings.Held.NeedsDecision(tool, kind);
}
