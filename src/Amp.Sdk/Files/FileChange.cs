using System.Diagnostics;

namespace Amp.Files;

/// <summary>
/// Changes a file completely or not at all: the new content is written next to it and then replaces it. Several processes can change it at
/// the same time; each sees the previous changes.
/// </summary>
internal sealed class FileChange
{
    private const string NewEnding = ".amp-sdk-new";
    private const int Attempts = 5;

    // Creating the new file takes milliseconds. An older one was left by a process that died.
    private static readonly TimeSpan s_abandonedAfter = TimeSpan.FromSeconds(30);

    // Long enough to detect and delete an abandoned one.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly string _target;
    private readonly Func<string, Exception?, AmpException> _refusal;

    /// <param name="target">The file itself, not a link to it.</param>
    /// <param name="refusal">Creates the error from the reason and the system's error.</param>
    public FileChange(string target, Func<string, Exception?, AmpException> refusal)
    {
        _target = target;
        _refusal = refusal;
    }

    /// <summary>Whether other users lose access to an existing file when it is changed.</summary>
    public bool ClosesFile { get; init; }

    /// <summary>Reads the file, has its bytes changed, and writes it. A new file is created with access only for its owner.</summary>
    /// <param name="change">Returns the new content for the current one, which is null if the file does not exist. It can be called more
    /// than once.</param>
    /// <param name="cancellationToken">Cancels the wait for another process. Nothing is written then.</param>
    /// <exception cref="AmpException">The file cannot be read or written. It is unchanged.</exception>
    public void Apply(Func<byte[]?, byte[]> change, CancellationToken cancellationToken)
    {
        try
        {
            RefuseReadOnly();
            RefuseForeign();
            MakeFolder(Path.GetDirectoryName(_target)!);
            for (int attempt = 1; !TryChange(change, cancellationToken); attempt++)
            {
                if (attempt == Attempts)
                {
                    throw _refusal("another program keeps changing it", null);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw _refusal(exception.Message, exception);
        }
    }

    private bool TryChange(Func<byte[]?, byte[]> change, CancellationToken cancellationToken)
    {
        string written = _target + NewEnding;
        using FileStream file = Reserve(written, cancellationToken);
        bool done = false;
        try
        {
            byte[]? before = Read(_target);
            file.Write(change(before));
            file.Flush(flushToDisk: true);
            if (before is not null && !OperatingSystem.IsWindows())
            {
                UnixFileMode mode = File.GetUnixFileMode(_target);
                File.SetUnixFileMode(written, ClosesFile ? mode & WholeFile.OwnerOnly : mode);
            }

            // Other programs ignore the lock.
            if (!Same(before, Read(_target)))
            {
                return false;
            }

            cancellationToken.ThrowIfCancellationRequested();
            RefuseExchanged(file, written);
            if (OperatingSystem.IsWindows())
            {
                // There, an open file cannot be moved.
                file.Dispose();
            }

            WholeFile.Put(written, _target, overwrite: true);
            return done = true;
        }
        finally
        {
            if (!done && OperatingSystem.IsLinux() && IsSame(file, written))
            {
                File.Delete(written);
            }

            file.Dispose();
            if (!done && !OperatingSystem.IsLinux())
            {
                File.Delete(written);
            }
        }
    }

    // The lock exists as long as its process is running, so the file is not deleted; but the folder may belong to another user too.
    private static void RefuseExchanged(FileStream file, string written)
    {
        if (OperatingSystem.IsLinux() && !IsSame(file, written))
        {
            throw new IOException($"'{written}' was replaced by another program.");
        }
    }

    private static bool IsSame(FileStream file, string path) =>
        FileFacts.Of(file.SafeFileHandle) is FileFacts open && FileFacts.OfPath(path) is FileFacts there && open.IsSameFile(there);

    // The process that creates the new file can change the old one. The others wait until the new file has replaced it.
    private static FileStream Reserve(string path, CancellationToken cancellationToken)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return WholeFile.Create(path, WholeFile.OwnerOnly, FileShare.None);
            }
            catch (IOException exception) when (IsTaken(exception) && waited.Elapsed < s_patience)
            {
                if (Age(path) > s_abandonedAfter && TryRemoveAbandoned(path))
                {
                    continue;
                }
                else if (cancellationToken.WaitHandle.WaitOne(s_pause))
                {
                    throw new AmpCanceledException(cancellationToken);
                }
            }
        }
    }

    // A suspended process keeps its lock; a dead one does not. Only the process with the lock deletes the file, and only this file, because
    // another one may have replaced it.
    private static bool TryRemoveAbandoned(string path)
    {
        try
        {
            using FileStream abandoned = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            if (OperatingSystem.IsLinux() && !IsSame(abandoned, path))
            {
                return false;
            }

            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path);
                return true;
            }
        }
        catch (IOException)
        {
            return false;
        }

        File.Delete(path);
        return true;
    }

    // For a file that no longer exists, .NET reports a time in 1601.
    private static TimeSpan Age(string path) =>
        File.GetLastWriteTimeUtc(path) is { Year: > 1601 } written ? DateTime.UtcNow - written : TimeSpan.Zero;

    // EEXIST of Linux and macOS, ERROR_FILE_EXISTS of Windows. Do not check whether the file exists, because it may be deleted again.
    private static bool IsTaken(IOException exception) => exception.HResult is 17 or unchecked((int)0x80070050);

    private static byte[]? Read(string path) => BoundedFile.IsThere(path) ? BoundedFile.Read(path) : null;

    private static bool Same(byte[]? left, byte[]? right) =>
        left is null ? right is null : right is not null && left.AsSpan().SequenceEqual(right);

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, WholeFile.OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    // It could still be replaced, which its owner does not intend.
    private void RefuseReadOnly()
    {
        if (File.Exists(_target) && (File.GetAttributes(_target) & FileAttributes.ReadOnly) != 0)
        {
            throw _refusal("it is write-protected", null);
        }

        if (Directory.Exists(_target))
        {
            throw _refusal("it is a folder", null);
        }
    }

    // The new file would belong to this user, and other hard links would keep the old text.
    private void RefuseForeign()
    {
        if (FileFacts.OfPath(_target) is FileFacts facts)
        {
            if (!facts.IsRegular)
            {
                throw _refusal("it is not a regular file", null);
            }

            if (!facts.IsOwn)
            {
                throw _refusal($"it belongs to another user (ID {facts.Owner})", null);
            }

            if (facts.Links > 1)
            {
                throw _refusal("the same file has other names (hard links)", null);
            }

            return;
        }

        // A new file in the folder of another user would not belong to that user.
        string? folder = RealPath.NearestFolder(Path.GetDirectoryName(_target));
        if (folder is not null && FileFacts.OfPath(RealPath.Of(folder)) is { IsTrusted: false } place)
        {
            throw _refusal($"the folder '{folder}' belongs to another user (ID {place.Owner})", null);
        }
    }
}
