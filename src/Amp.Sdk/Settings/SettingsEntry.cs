namespace Amp;

/// <summary>A name that a settings file has.</summary>
/// <param name="Name">The name, as the file has it: of the workspace's file, anybody may have written it.</param>
/// <param name="Scope">Whose settings it is in.</param>
public sealed record SettingsEntry(string Name, SettingsScope Scope);

/// <summary>Which of the two settings files of the CLI.</summary>
public enum SettingsScope
{
    /// <summary>The user's, for everything that the user does.</summary>
    User,

    /// <summary>The workspace's, <c>.amp/settings.json</c> in a project, for everybody who works in it.</summary>
    Workspace,
}
