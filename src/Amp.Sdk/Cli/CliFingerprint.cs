using Amp.Files;

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
            file.FullName, file.Length, file.LastWriteTimeUtc.Ticks, UserFolder.Cache(environment));
    }
}
