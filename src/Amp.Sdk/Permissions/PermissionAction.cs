namespace Amp;

/// <summary>What the CLI does with a tool call that a rule matches.</summary>
public enum PermissionAction
{
    /// <summary>The tool runs.</summary>
    Allow,

    /// <summary>The tool does not run; the model is told so and the run goes on.</summary>
    Reject,

    /// <summary>
    /// Somebody is asked: the caller, where the run has an <see cref="AmpOptions.Approval"/>. Else nobody can be, the call is refused and
    /// the run ends.
    /// </summary>
    Ask,

    /// <summary>A program decides (<see cref="Permission.To"/>).</summary>
    Delegate,
}
