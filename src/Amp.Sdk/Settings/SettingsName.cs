namespace Amp;

/// <summary>A name that a settings file has.</summary>
/// <param name="Name">The name, as the file has it: of the workspace's file, anybody may have written it.</param>
/// <param name="Scope">Whose settings it is in.</param>
public sealed record SettingsName(string Name, SettingsScope Scope);
