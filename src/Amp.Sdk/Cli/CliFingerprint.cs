namespace Amp.Cli;

/// <summary>Tells one CLI file from another and from its own next version: by path, size and time of change.</summary>
/// <param name="Path">The file that holds the code.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="ModifiedTicks">The UTC time of its last change.</param>
/// <param name="CacheFolder">Where answers about it are kept; null where there is no place.</param>
internal sealed record CliFingerprint(string Path, long Length, long ModifiedTicks, string? CacheFolder)
{
    public static CliFingerprint Of(CliProgram program, IReadOnlyDictionary<string, string> environment)
    {
        FileInfo file = new(CliFile.FollowLinks(program.Target));
        return new CliFingerprint(
            file.FullName, file.Length, file.LastWriteTimeUtc.Ticks, UserCacheFolder(environment));
    }

    // The user's place for what can be made again at any time; each system has its own.
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
