namespace Amp;

/// <summary>A name in a settings file.</summary>
/// <param name="Name">The name as written in the file. In workspace settings, anyone may have written it.</param>
/// <param name="Scope">The settings that contain it.</param>
internal sealed record SettingsEntry(string Name, SettingsScope Scope);

/// <summary>The settings files of the CLI.</summary>
public enum SettingsScope
{
    /// <summary>The user settings, which apply everywhere.</summary>
    User,

    /// <summary>The workspace settings, <c>.amp/settings.json</c> in a project, for everyone who works in it.</summary>
    Workspace,
}
