namespace Amp.Files;

/// <summary>The folders of the user in which this library keeps something; they differ between systems.</summary>
internal static class UserFolder
{
    private const string Name = "amp-sdk-dotnet";

    /// <summary>The folder for data that can be created again at any time; null if the user has none.</summary>
    public static string? Cache(IReadOnlyDictionary<string, string> environment) => Find(environment, "XDG_CACHE_HOME", ".cache", "Library/Caches");

    /// <summary>The folder for what is installed; null if the user has none.</summary>
    public static string? Data(IReadOnlyDictionary<string, string> environment) =>
        Find(environment, "XDG_DATA_HOME", ".local/share", "Library/Application Support");

    /// <summary>The folder for what is remembered; null if the user has none.</summary>
    public static string? State(IReadOnlyDictionary<string, string> environment) =>
        Find(environment, "XDG_STATE_HOME", ".local/state", "Library/Application Support");

    private static string? Find(IReadOnlyDictionary<string, string> environment, string variable, string inHome, string inHomeOnMac)
    {
        string? folder = OperatingSystem.IsWindows() ? environment.GetValueOrDefault("LOCALAPPDATA")
            : environment.GetValueOrDefault(variable) is { Length: > 0 } given ? given
            : environment.GetValueOrDefault("HOME") is { Length: > 0 } home ? Path.Combine(home, OperatingSystem.IsMacOS() ? inHomeOnMac : inHome)
            : null;
        return folder is not null && Path.IsPathFullyQualified(folder) ? Path.Combine(folder, Name) : null;
    }
}
