namespace Amp;

/// <summary>Where a rule comes from.</summary>
public enum PermissionSource
{
    /// <summary>There is no rule.</summary>
    None,

    /// <summary>The rules given in the call.</summary>
    Call,

    /// <summary>The user's settings.</summary>
    User,

    /// <summary>The workspace's settings.</summary>
    Workspace,

    /// <summary>The rules that are built into the CLI.</summary>
    BuiltIn,
}
