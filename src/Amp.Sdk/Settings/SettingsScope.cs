namespace Amp;

/// <summary>Which of the two settings files of the CLI.</summary>
public enum SettingsScope
{
    /// <summary>The user's, for everything that the user does.</summary>
    User,

    /// <summary>The workspace's, <c>.amp/settings.json</c> in a project, for everybody who works in it.</summary>
    Workspace,
}
