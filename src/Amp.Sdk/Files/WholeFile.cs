namespace Amp.Files;

/// <summary>
/// The single way to write a file completely or not at all: the new content is written next to it, flushed to disk, and then replaces it.
/// Other processes see the old or the complete new content. To change a file based on its content, which several processes may do at once,
/// use <see cref="FileChange"/>.
/// </summary>
internal static class WholeFile
{
    /// <summary>Permissions for the owner only.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The path. A link is replaced, and its target is kept.</param>
    /// <param name="content">The complete new content.</param>
    /// <param name="mode">The permissions, independent of the user's mask; null for the defaults of a new file.</param>
    /// <param name="overwrite">Whether an existing file is replaced. On Windows, its access list is kept.</param>
    /// <exception cref="IOException">The file cannot be written, or exists and must be kept. It is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">The user does not have permission to write it.</exception>
    public static void Write(string path, ReadOnlyMemory<byte> content, UnixFileMode? mode = null, bool overwrite = true) =>
        Write(path, file => file.Write(content.Span), mode, overwrite);

    /// <summary>Writes a file whose content is made while it is written.</summary>
    /// <param name="path">The path. A link is replaced, and its target is kept.</param>
    /// <param name="write">Writes the complete new content. If it throws, the file is unchanged.</param>
    /// <param name="mode">The permissions, independent of the user's mask; null for the defaults of a new file.</param>
    /// <param name="overwrite">Whether an existing file is replaced. On Windows, its access list is kept.</param>
    /// <exception cref="IOException">The file cannot be written, or exists and must be kept. It is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">The user does not have permission to write it.</exception>
    public static void Write(string path, Action<Stream> write, UnixFileMode? mode = null, bool overwrite = true)
    {
        string written = Beside(path);
        bool done = false;
        try
        {
            using (FileStream file = Create(written, mode is null ? null : OwnerOnly))
            {
                write(file);
                file.Flush(flushToDisk: true);
                if (mode is UnixFileMode given && !OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(file.SafeFileHandle, given);
                }
            }

            Put(written, path, overwrite);
            done = true;
        }
        finally
        {
            if (!done)
            {
                TryDelete(written);
            }
        }
    }

    /// <summary>The permissions of a file, for the content that replaces it; null if it does not exist, and on Windows, where they stay.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static UnixFileMode? ModeOf(string path) =>
        OperatingSystem.IsWindows() || !File.Exists(path) ? null : File.GetUnixFileMode(path) | UnixFileMode.UserWrite;

    /// <summary>Creates a symbolic link in one step. It replaces an existing link or file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="target">The target, as a full path or relative to the folder of the link.</param>
    /// <exception cref="IOException">The link cannot be created. An existing file is unchanged.</exception>
    public static void Link(string path, string target)
    {
        string made = Beside(path);
        File.CreateSymbolicLink(made, target);
        try
        {
            File.Move(made, path, overwrite: true);
        }
        catch
        {
            TryDelete(made);
            throw;
        }
    }

    /// <summary>Deletes a file, if that is possible. For the way back from an error, which is the one that counts.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The caller gets the earlier exception.
        }
    }

    /// <summary>Creates and opens a new file that other users cannot open with more permissions in between.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">The permissions, restricted by the user's mask; null for the defaults of a new file.</param>
    /// <param name="share">The access of other processes while it is open.</param>
    /// <exception cref="IOException">The path exists, or the file cannot be created.</exception>
    public static FileStream Create(string path, UnixFileMode? mode, FileShare share = FileShare.Read)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = share };
        if (mode is not null && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        return new FileStream(path, options);
    }

    /// <summary>Moves a complete file to its path, even if that file is read-only.</summary>
    public static void Put(string written, string path, bool overwrite)
    {
        if (overwrite && OperatingSystem.IsWindows() && File.Exists(path))
        {
            // As usual, a user who can change the folder can replace a read-only file. The access list is kept.
            File.SetAttributes(path, File.GetAttributes(path) & ~FileAttributes.ReadOnly);
            File.Replace(written, path, null);
        }
        else
        {
            File.Move(written, path, overwrite);
        }
    }

    // A name that no other program uses, in the same folder, because only there a file can replace another one in one step.
    private static string Beside(string path) => Path.Combine(Path.GetDirectoryName(path)!, $".{Guid.NewGuid():N}.tmp");
}
