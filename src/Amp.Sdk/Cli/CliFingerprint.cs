namespace Amp.Cli;

/// <summary>Identifies a CLI file and distinguishes it from its next version: by path, size and modification time.</summary>
/// <param name="Path">The file that contains the code.</param>
/// <param name="Length">The size in bytes.</param>
/// <param name="ModifiedTicks">The modification time in UTC.</param>
/// <param name="CacheFolder">The cache folder for answers about it; null if there is none.</param>
internal sealed record CliFingerprint(string Path, long Length, long ModifiedTicks, string? CacheFolder)
{
    public static CliFingerprint Of(CliProgram program, IReadOnlyDictionary<string, string> environment)
    {
        FileInfo file = new(CliFile.FollowLinks(program.Target));
        return new CliFingerprint(
            file.FullName, file.Length, file.LastWriteTimeUtc.Ticks, UserCacheFolder(environment));
    }

    // The user's folder for data that can be created again at any time; it differs between systems.
    private static string? UserCacheFolder(IReadOnlyDictionary<string, string> environment)
    {
        string? folder = OperatingSystem.IsWindows()
            ? environment.GetValueOrDefault("LOCALAPPDATA")
            : environment.GetValueOrDefault("XDG_CACHE_HOME") is { Length: > 0 } cache
                ? cache
                : environment.GetValueOrDefault("HOME") is { Length: > 0 } home
                    ? System.IO.Path.Combine(home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache")
                    : null;
        return folder is not null && System.IO.Path.IsPathFullyQualified(folder)
            ? System.IO.Path.Combine(folder, "amp-sdk-dotnet")
            : null;
    }
}
