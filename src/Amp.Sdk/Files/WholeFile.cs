namespace Amp.Files;

/// <summary>
/// The one way to write a file whole or not at all: what is new is written beside its place, down to the disk, and then takes the place. Others
/// see what was there before or all that is new. A file that is changed by what is in it, which several processes may do at once, is one for
/// <see cref="FileChange"/>.
/// </summary>
/// <remarks>The module compiles this file too: it writes files of its own and sees only what is public of the library.</remarks>
internal static class WholeFile
{
    /// <summary>What only its owner can read and write.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a file.</summary>
    /// <param name="path">Its place. A link there is replaced, and what it leads to stays.</param>
    /// <param name="content">All that is in it then.</param>
    /// <param name="mode">Who can do what with it, whatever the user's mask says; null for what a new file of the user's has.</param>
    /// <param name="overwrite">Whether a file that is there is replaced; on Windows its access list is kept.</param>
    /// <exception cref="IOException">It cannot be written, or is there and shall stay. What was there is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode? mode = null, bool overwrite = true)
    {
        string written = Beside(path);
        bool done = false;
        try
        {
            using (FileStream file = Create(written, mode is null ? null : OwnerOnly))
            {
                file.Write(content);
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

    /// <summary>Makes a symbolic link in one step, in the place of one or of a file that is there.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="target">What it leads to, from its folder on or in full.</param>
    /// <exception cref="IOException">It cannot be made. What was there is as it was.</exception>
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

    /// <summary>Opens a file that is not there yet, which nobody can open in between with more rights than it is to have.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Who can do what with it, less what the user's mask forbids; null for what a new file of the user's has.</param>
    /// <param name="share">What others can do with it while it is open.</param>
    /// <exception cref="IOException">Something is there already, or it cannot be made.</exception>
    public static FileStream Create(string path, UnixFileMode? mode, FileShare share = FileShare.Read)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = share };
        if (mode is not null && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        return new FileStream(path, options);
    }

    /// <summary>Has a file that is complete take its place, even that of a read-only one.</summary>
    public static void Put(string written, string path, bool overwrite)
    {
        if (overwrite && OperatingSystem.IsWindows() && File.Exists(path))
        {
            // As elsewhere, who may change the folder may replace a read-only file. The access list is kept.
            File.SetAttributes(path, File.GetAttributes(path) & ~FileAttributes.ReadOnly);
            File.Replace(written, path, null);
        }
        else
        {
            File.Move(written, path, overwrite);
        }
    }

    // A name that no program takes for its own, in the same folder, since only there a file can take another one's place in one step.
    private static string Beside(string path) => Path.Combine(Path.GetDirectoryName(path)!, $".{Guid.NewGuid():N}.tmp");

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What went wrong before is what the caller is told.
        }
    }
}
