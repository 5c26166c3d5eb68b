using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amp.Files;
using Amp.Json;

namespace Amp.Cli;

/// <summary>What a CLI printed for <c>--version</c> and <c>--help</c>.</summary>
internal sealed record CliProbeAnswer(string Version, string Help);

/// <summary>
/// Keeps the answers of CLIs between processes, since asking takes up to a second. Only a help: whatever goes wrong with it,
/// the CLI is asked again.
/// </summary>
internal static class CliProbeCache
{
    private const int LargestFile = 4 * 1024 * 1024;

    public static CliProbeAnswer? Read(CliFingerprint fingerprint)
    {
        if (FileOf(fingerprint) is not string path)
        {
            return null;
        }

        try
        {
            System.Collections.Specialized.OrderedDictionary? fields =
                JsonValue.ParseOrNull(BoundedFile.ReadText(path, LargestFile)) as System.Collections.Specialized.OrderedDictionary;
            return fields is not null
                && fields["path"] is string kept && kept == fingerprint.Path
                && fields["length"] is long length && length == fingerprint.Length
                && fields["modified"] is long modified && modified == fingerprint.ModifiedTicks
                && fields["version"] is string version && fields["help"] is string help
                    ? new CliProbeAnswer(version, help)
                    : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static void Write(CliFingerprint fingerprint, CliProbeAnswer answer)
    {
        if (FileOf(fingerprint) is not string path)
        {
            return;
        }

        string unfinished = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        try
        {
            CreateFolder(fingerprint.CacheFolder!);
            using (FileStream file = new(unfinished, FileMode.CreateNew))
            using (Utf8JsonWriter writer = new(file))
            {
                writer.WriteStartObject();
                writer.WriteString("path", fingerprint.Path);
                writer.WriteNumber("length", fingerprint.Length);
                writer.WriteNumber("modified", fingerprint.ModifiedTicks);
                writer.WriteString("version", answer.Version);
                writer.WriteString("help", answer.Help);
                writer.WriteEndObject();
            }

            // Others see the old file or the whole new one.
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            TryDelete(unfinished);
        }
    }

    private static string? FileOf(CliFingerprint fingerprint)
    {
        if (fingerprint.CacheFolder is not string folder)
        {
            return null;
        }

        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint.Path));
        return Path.Combine(folder, $"cli-{Convert.ToHexString(hash.AsSpan(0, 8))}.json");
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Left for whoever empties the cache folder.
        }
    }
}
