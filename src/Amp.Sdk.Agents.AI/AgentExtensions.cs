namespace Amp;

/// <summary>Creates agents of the Microsoft Agent Framework.</summary>
public static class AgentExtensions
{
    /// <summary>Gets the Amp agent as an <see cref="AIAgent"/>. Nothing is started.</summary>
    /// <param name="client">The client that runs the agent. Its options are those of the runs.</param>
    /// <param name="instructions">Instructions that come first in the prompt of each run; null for none.</param>
    /// <param name="name">The name of the agent; null for <c>Amp</c>.</param>
    /// <param name="description">What the agent is for; null for a general description.</param>
    /// <param name="tools">Functions of this process that the agent can call, in addition to <see cref="AmpOptions.Tools"/>; null for none.</param>
    /// <param name="id">The ID of the agent; null for a generated one.</param>
    public static AmpAgent AsAIAgent(
        this IAmpClient client,
        string? instructions = null,
        string? name = null,
        string? description = null,
        IEnumerable<AITool>? tools = null,
        string? id = null) => new(client, instructions, name, description, tools, id);
}
