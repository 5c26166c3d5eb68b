using System.Diagnostics;
using Amp.Files;

namespace Amp.Settings.Editing;

/// <summary>
/// Changes a settings file as a whole or not at all: what is new is written beside it and then takes its place. Several processes may
/// change it at once; each sees what the one before it has written.
/// </summary>
internal static class SettingsWriter
{
    private const string OptionName = nameof(AmpCliOptions.SettingsFile);
    private const string NewEnding = ".amp-sdk-new";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int Attempts = 5;

    // Making the new file takes milliseconds; one that is older was left by a process that died.
    private static readonly TimeSpan s_abandonedAfter = TimeSpan.FromSeconds(30);

    // Long enough to see an abandoned one taken away.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads the file, has it changed, and writes it. One that is not there is made, for its owner alone.</summary>
    /// <param name="path">The file; where it is a link, what it leads to is changed.</param>
    /// <param name="edit">Changes the text.</param>
    /// <param name="holdsSecrets">Whether what is written is to be closed to others, even if the file was open to them.</param>
    /// <param name="cancellationToken">Ends the waiting for another process. Nothing is written then.</param>
    /// <exception cref="AmpException">It cannot be read or written. It is as it was.</exception>
    public static void Change(string path, Action<SettingsText> edit, bool holdsSecrets, CancellationToken cancellationToken)
    {
        try
        {
            string target = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
            RefuseReadOnly(target);
            RefuseForeign(target);
            MakeFolder(Path.GetDirectoryName(target)!);
            for (int attempt = 1; !TryChange(target, edit, holdsSecrets, cancellationToken); attempt++)
            {
                if (attempt == Attempts)
                {
                    throw Unwritable(path, "another program changes it all the time", null);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, exception.Message, exception);
        }
    }

    private static bool TryChange(string target, Action<SettingsText> edit, bool holdsSecrets, CancellationToken cancellationToken)
    {
        string written = target + NewEnding;
        using FileStream file = Reserve(written, cancellationToken);
        bool done = false;
        try
        {
            byte[]? before = Read(target);
            SettingsText text = SettingsText.Parse(before ?? "{\n}\n"u8.ToArray(), target);
            edit(text);
            byte[] after = text.ToBytes();

            // Parsed again, so that no slip of this library's can ever break the user's file.
            SettingsText.Parse(after, target);
            file.Write(after);
            file.Flush(flushToDisk: true);
            if (before is not null && !OperatingSystem.IsWindows())
            {
                UnixFileMode mode = File.GetUnixFileMode(target);
                File.SetUnixFileMode(written, holdsSecrets ? mode & OwnerOnly : mode);
            }

            // The CLI takes no notice of the reservation.
            if (!Same(before, Read(target)))
            {
                return false;
            }

            cancellationToken.ThrowIfCancellationRequested();
            RefuseExchanged(file, written);
            if (OperatingSystem.IsWindows())
            {
                // There an open file cannot be moved.
                file.Dispose();
            }

            if (before is not null && OperatingSystem.IsWindows())
            {
                // Keeps the access list.
                File.Replace(written, target, null);
            }
            else
            {
                File.Move(written, target, overwrite: true);
            }

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

    // The reservation is locked as long as its process lives and works, so nobody takes it away; but the folder may be somebody else's too.
    private static void RefuseExchanged(FileStream file, string written)
    {
        if (OperatingSystem.IsLinux() && !IsSame(file, written))
        {
            throw new IOException($"'{written}' was exchanged by another program.");
        }
    }

    private static bool IsSame(FileStream file, string path) =>
        FileFacts.Of(file.SafeFileHandle) is FileFacts open && FileFacts.OfPath(path) is FileFacts there
            && (open.Number, open.Device) == (there.Number, there.Device);

    // Whoever makes the new file may change the old one; the others wait until it has taken its place.
    private static FileStream Reserve(string path, CancellationToken cancellationToken)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, options);
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

    // The lock of a process that stands still is held; that of a dead one is not. Who holds the lock is the only one to take the file away, and
    // only this file: another may stand in its place by now.
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

    // Of a file that has gone meanwhile .NET tells a time in the year 1601.
    private static TimeSpan Age(string path) =>
        File.GetLastWriteTimeUtc(path) is { Year: > 1601 } written ? DateTime.UtcNow - written : TimeSpan.Zero;

    // EEXIST of Linux and macOS, ERROR_FILE_EXISTS of Windows. Whether the file is there must not be asked: it may be gone again.
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
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    // Its place could be taken in spite of it, which is not what its owner means.
    private static void RefuseReadOnly(string path)
    {
        if (File.Exists(path) && (File.GetAttributes(path) & FileAttributes.ReadOnly) != 0)
        {
            throw Unwritable(path, "it is write-protected", null);
        }

        if (Directory.Exists(path))
        {
            throw Unwritable(path, "it is a folder", null);
        }
    }

    // What takes the file's place would be this user's, and other names of the file would keep the old text.
    private static void RefuseForeign(string path)
    {
        if (FileFacts.OfPath(path) is FileFacts facts)
        {
            if (!facts.IsRegular)
            {
                throw Unwritable(path, "it is not a regular file", null);
            }

            if (!facts.IsOwn)
            {
                throw Unwritable(path, $"it belongs to another user (ID {facts.Owner})", null);
            }

            if (facts.Links > 1)
            {
                throw Unwritable(path, "the same file has other names (hard links)", null);
            }

            return;
        }

        // A file that is made new in the folder of another user would not be that user's.
        string? folder = RealPath.NearestFolder(Path.GetDirectoryName(path));
        if (folder is not null && FileFacts.OfPath(RealPath.Of(folder)) is { IsTrusted: false } place)
        {
            throw Unwritable(path, $"the folder '{folder}' belongs to another user (ID {place.Owner})", null);
        }
    }

    private static AmpValidationException Unwritable(string path, string reason, Exception? cause) => new(
        $"The settings file '{path}' cannot be changed: {reason}{(cause is null ? "." : string.Empty)}",
        OptionName,
        "Make it a file that this user can write to, or give another one by SettingsFile.",
        path);
}
