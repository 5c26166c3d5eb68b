using System.Security.Cryptography;
using Amp.Files;

namespace Amp.Processes;

/// <summary>
/// A folder of mode 0700 with files of mode 0600, outside the agent's working directory: settings and MCP configurations contain secrets,
/// and the agent must neither read nor commit them. It is deleted with the run; the next start deletes the folders of dead processes.
/// </summary>
internal sealed class PrivateFolder : RunFolder
{
    private const string Prefix = "amp-sdk-";

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _files = new(StringComparer.Ordinal);

    private PrivateFolder(string path) => Path = path;

    /// <inheritdoc/>
    public override string Path { get; }

    /// <summary>Creates an empty folder.</summary>
    /// <exception cref="AmpException">No folder can be written.</exception>
    public static PrivateFolder Create(string workingDirectory)
    {
        string parent = Parent(workingDirectory);
        SweepLeftovers(parent);
        string name = $"{Prefix}{ProcessIdentity.Current.ToString('-')}-{Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}";
        PrivateFolder folder = new(System.IO.Path.Combine(parent, name));
        try
        {
            MakeNew(folder.Path);
            return folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            folder.Dispose();
            throw NotWritten(parent, exception);
        }
    }

    /// <summary>Writes a file.</summary>
    /// <returns>The full path of the file.</returns>
    /// <exception cref="AmpException">The file cannot be written.</exception>
    public override string Add(PrivateFile file)
    {
        string path = System.IO.Path.Combine(Path, file.Name);
        try
        {
            Write(path, file);
            _files[path] = file.Content;
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(Path, exception);
        }
    }

    /// <summary>Gets a file whose content has changed; null if there is none.</summary>
    public override string? ChangedFile()
    {
        foreach ((string path, ReadOnlyMemory<byte> content) in _files)
        {
            try
            {
                if (!BoundedFile.Read(path, content.Length).AsSpan().SequenceEqual(content.Span))
                {
                    return path;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>
    /// Deletes what dead processes left in a folder. What cannot be deleted is kept, and so is everything that is not certainly a private
    /// folder of this user: in another user's folder, or in one where others can replace entries, the deletion could be redirected to any
    /// place.
    /// </summary>
    public static void SweepLeftovers(string parent)
    {
        try
        {
            if (OperatingSystem.IsLinux() && FileFacts.OfPath(RealPath.Of(parent)) is not { KeepsItsEntries: true })
            {
                return;
            }

            foreach (string path in Directory.EnumerateDirectories(parent, Prefix + "*"))
            {
                if (IsLeftover(System.IO.Path.GetFileName(path)) && IsPrivate(path))
                {
                    Remove(path);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's temporary folder may not be readable.
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => Remove(Path);

    private static void MakeNew(string path)
    {
        if (Directory.Exists(path) || File.Exists(path))
        {
            throw new IOException($"'{path}' already exists.");
        }

        OwnFolder.Make(path);
        if (!IsPrivate(path))
        {
            throw new IOException($"'{path}' was not created as a private folder of this user.");
        }
    }

    // Other users cannot create anything, such as a link, in such a folder.
    private static bool IsPrivate(string path)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? FileFacts.OfPath(path) is { IsPrivateFolder: true }
                : new DirectoryInfo(path) is { LinkTarget: null } folder
                    && (OperatingSystem.IsWindows() ? WindowsAccess.OtherUser(folder) is null : File.GetUnixFileMode(path) == OwnFolder.Mode);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Its owner can always ask. Or it is gone.
            return false;
        }
    }

    private static void Write(string path, PrivateFile content)
    {
        using FileStream file = WholeFile.Create(path, content.IsProgram ? OwnFolder.Mode : WholeFile.OwnerOnly);
        file.Write(content.Content.Span);
    }

    private static AmpProcessException NotWritten(string place, Exception exception) => new(
        $"The settings of the run cannot be written in '{place}': {exception.Message}",
        AmpErrorId.CliFailed,
        "Set TMPDIR (TEMP on Windows) to a writable folder with free space, on a file system with permissions (NTFS on Windows).",
        exception);

    // The system's temporary folder, unless the agent works in it or above it.
    private static string Parent(string workingDirectory)
    {
        string temporary = System.IO.Path.GetFullPath(System.IO.Path.GetTempPath());
        string?[] places =
        [
            temporary,
            Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"),
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData),
        ];
        string project = System.IO.Path.TrimEndingDirectorySeparator(workingDirectory) + System.IO.Path.DirectorySeparatorChar;
        return Array.Find(places, place =>
            !string.IsNullOrEmpty(place) && Directory.Exists(place)
            && !(System.IO.Path.TrimEndingDirectorySeparator(place) + System.IO.Path.DirectorySeparatorChar)
                .StartsWith(project, StringComparison.OrdinalIgnoreCase)) ?? temporary;
    }

    private static bool IsLeftover(string name)
    {
        int random = name.LastIndexOf('-');
        return random > Prefix.Length && ProcessIdentity.Parse(name[Prefix.Length..random], '-') is { IsGone: true };
    }

    private static void Remove(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Deleted at the next start, when nothing uses it anymore.
        }
    }
}
