namespace Amp;

/// <summary>A name that a settings file has.</summary>
/// <param name="Name">The name, as the file has it: of the workspace's file, anybody may have written it.</param>
/// <param name="Scope">Whose settings it is in.</param>
public sealed record SettingsEntry(string Name, SettingsScope Scope);

/// <summary>The settings files of the CLI.</summary>
public enum SettingsScope
{
    /// <summary>The user settings, which apply everywhere.</summary>
    User,

    /// <summary>The workspace settings, <c>.amp/settings.json</c> in a project, for everyone who works in it.</summary>
    Workspace,
}
