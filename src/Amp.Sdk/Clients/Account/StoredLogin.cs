using Amp.Files;

namespace Amp.Clients.Account;

/// <summary>Tells whether a key is there, without asking the CLI: one that has none may begin a login and open a browser.</summary>
internal static class StoredLogin
{
    /// <summary>Where a key was found, in words; null where none was. The system's key store, which the CLI can use too, is not looked into.</summary>
    public static string? Find(IReadOnlyDictionary<string, string> environment)
    {
        if (environment.GetValueOrDefault("AMP_API_KEY") is { Length: > 0 })
        {
            return "the variable AMP_API_KEY, or the key that was given";
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
            // What a login leaves: {"apiKey@https://...": "..."}.
            return BoundedFile.ReadText(file).Contains("\"apiKey@", StringComparison.Ordinal) ? file : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
