using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amp.Files;
using Amp.Json;

namespace Amp.Cli;

/// <summary>The output of a CLI for <c>--version</c> and <c>--help</c>.</summary>
internal sealed record CliProbeAnswer(string Version, string Help);

/// <summary>
/// Caches the answers of CLIs across processes, because asking takes up to a second. The cache is optional: if it fails, the CLI is asked
/// again.
/// </summary>
internal static class CliProbeCache
{
    private const int LargestFile = 4 * 1024 * 1024;

    public static CliProbeAnswer? Read(CliFingerprint fingerprint) =>
        Read(fingerprint, command: null, out string? version, out string? help) && version is not null ? new CliProbeAnswer(version, help) : null;

    /// <summary>Reads the help of a command; null if it is not cached.</summary>
    public static string? ReadHelp(CliFingerprint fingerprint, string command) => Read(fingerprint, command, out _, out string? help) ? help : null;

    public static void Write(CliFingerprint fingerprint, CliProbeAnswer answer) => Write(fingerprint, command: null, answer.Version, answer.Help);

    /// <summary>Stores the help of a command.</summary>
    public static void WriteHelp(CliFingerprint fingerprint, string command, string help) => Write(fingerprint, command, version: null, help);

    private static bool Read(CliFingerprint fingerprint, string? command, out string? version, [NotNullWhen(true)] out string? help)
    {
        (version, help) = (null, null);
        if (FileOf(fingerprint, command) is not string path)
        {
            return false;
        }

        try
        {
            System.Collections.Specialized.OrderedDictionary? fields =
                JsonValue.ParseOrNull(BoundedFile.ReadText(path, LargestFile)) as System.Collections.Specialized.OrderedDictionary;
            if (fields is not null
                && fields["path"] is string kept && kept == fingerprint.Path
                && fields["length"] is long length && length == fingerprint.Length
                && fields["modified"] is long modified && modified == fingerprint.ModifiedTicks)
            {
                version = fields["version"] as string;
                help = fields["help"] as string;
            }

            return help is not null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Write(CliFingerprint fingerprint, string? command, string? version, string help)
    {
        if (FileOf(fingerprint, command) is not string path)
        {
            return;
        }

        try
        {
            CreateFolder(fingerprint.CacheFolder!);
            ArrayBufferWriter<byte> json = new();
            using (Utf8JsonWriter writer = new(json))
            {
                writer.WriteStartObject();
                writer.WriteString("path", fingerprint.Path);
                writer.WriteNumber("length", fingerprint.Length);
                writer.WriteNumber("modified", fingerprint.ModifiedTicks);
                if (version is not null)
                {
                    writer.WriteString("version", version);
                }

                writer.WriteString("help", help);
                writer.WriteEndObject();
            }

            WholeFile.Write(path, json.WrittenMemory, WholeFile.OwnerOnly);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The CLI is asked again the next time.
        }
    }

    private static string? FileOf(CliFingerprint fingerprint, string? command)
    {
        if (fingerprint.CacheFolder is not string folder)
        {
            return null;
        }

        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint.Path));
        string suffix = command is null ? string.Empty : "-" + command.Replace(' ', '-');
        return Path.Combine(folder, $"cli-{Convert.ToHexString(hash.AsSpan(0, 8))}{suffix}.json");
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
}
