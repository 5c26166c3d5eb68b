using System.Diagnostics;

namespace Amp.Files;

/// <summary>A lock file. The system releases the lock when the process that holds it exits, even if it was killed.</summary>
internal static class LockFile
{
    // What .NET reports in HResult if another process has locked the file: ERROR_SHARING_VIOLATION of Windows, and EWOULDBLOCK of Linux and of macOS.
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int WouldBlock = 11;
    private const int WouldBlockOnMac = 35;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes a lock.</summary>
    /// <exception cref="IOException">Another process holds it, or the file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The user does not have permission to create it.</exception>
    public static FileStream Take(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = WholeFile.OwnerOnly;
        }

        return new FileStream(path, options);
    }

    /// <summary>Takes a lock, and waits while another process holds it.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="patience">The longest wait; null for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="IOException">Another process still holds it (<see cref="IsOther"/>), or the file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The user does not have permission to create it.</exception>
    /// <exception cref="AmpCanceledException">The wait was canceled.</exception>
    public static async Task<FileStream> TakeAsync(string path, TimeSpan? patience, CancellationToken cancellationToken)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return Take(path);
            }
            catch (IOException exception) when (IsOther(exception) && (patience is null || waited.Elapsed < patience))
            {
                await Task.Delay(s_pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (cancellationToken.IsCancellationRequested)
            {
                throw new AmpCanceledException(cancellationToken);
            }
        }
    }

    /// <summary>
    /// Returns whether another process holds a lock. The lock is shared for a moment to find out, so a process that takes it must try for longer than that. Others
    /// that find out at the same time are not in the way.
    /// </summary>
    public static bool IsHeld(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose();
            }

            return false;
        }
        catch (IOException exception)
        {
            return IsOther(exception);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Returns whether a lock could not be taken because another process holds it, and for no other reason.</summary>
    public static bool IsOther(IOException exception) => exception.HResult == (OperatingSystem.IsWindows() ? SharingViolation : OperatingSystem.IsLinux() ? WouldBlock : WouldBlockOnMac);
}
