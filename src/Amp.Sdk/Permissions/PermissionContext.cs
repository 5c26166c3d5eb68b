namespace Amp;

/// <summary>Whose tool calls a rule is about.</summary>
public enum PermissionContext
{
    /// <summary>Those of the agent itself.</summary>
    Thread,

    /// <summary>Those of the agents that it starts.</summary>
    Subagent,
}
