using Amp.Files;

namespace Amp.Clients.Account;

/// <summary>Checks whether a key exists without asking the CLI, because a CLI without a key may start a login and open a browser.</summary>
internal static class StoredLogin
{
    /// <summary>
    /// Gets the place where a key was found, in words; null if none was found. The system's key store, which the CLI can use too, is not
    /// checked.
    /// </summary>
    public static string? Find(IReadOnlyDictionary<string, string> environment)
    {
        if (environment.GetValueOrDefault("AMP_API_KEY") is { Length: > 0 })
        {
            return "the variable AMP_API_KEY, or the key that you gave";
        }

        string? home = environment.GetValueOrDefault(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME");
        string? data = environment.GetValueOrDefault("XDG_DATA_HOME") is { Length: > 0 } given
            ? given
            : home is { Length: > 0 } ? Path.Combine(home, ".local", "share") : null;
        if (data is null || !Path.IsPathFullyQualified(data))
        {
            return null;
        }

        string file = Path.Combine(data, "amp", "secrets.json");
        try
        {
            // A login stores this: {"apiKey@https://...": "..."}.
            return BoundedFile.ReadText(file).Contains("\"apiKey@", StringComparison.Ordinal) ? file : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
