using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Amp.Files;

/// <summary>
/// The single way to extend a file that other processes may extend at the same time: what is appended at once stays together, and nothing is
/// overwritten. On Linux and macOS, the system itself puts each write at the end of the file, on local file systems. On Windows, the end is locked
/// meanwhile.
/// </summary>
internal sealed class AppendFile : IDisposable
{
    private const int ReadAndWrite = 2;
    private const int AtEnd = 0x400;
    private const int AtEndOnMac = 0x8;
    private const int Interrupted = 4;

    // Beyond the end of any file, so that the lock keeps nobody from reading.
    private const long LockedPlace = long.MaxValue - 1;
    private static readonly TimeSpan s_lockPause = TimeSpan.FromMilliseconds(5);

    private readonly SafeFileHandle _handle;
    private readonly FileStream? _stream;

    private AppendFile(SafeFileHandle handle)
    {
        _handle = handle;
        _stream = OperatingSystem.IsWindows() ? new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0) : null;
    }

    /// <summary>The current length in bytes.</summary>
    public long Length => RandomAccess.GetLength(_handle);

    /// <summary>Opens a file. On Linux and macOS, a new one can be accessed only by its owner.</summary>
    /// <param name="path">The file. A link is followed.</param>
    /// <param name="mustBeNew">Whether an existing file is an error.</param>
    /// <exception cref="IOException">The file cannot be created or opened, is not a regular file, belongs to another user, or has other names.</exception>
    /// <exception cref="UnauthorizedAccessException">The user does not have permission to create it or, on Windows, to read and write it.</exception>
    public static AppendFile Open(string path, bool mustBeNew)
    {
        if (mustBeNew || !BoundedFile.IsThere(path))
        {
            try
            {
                WholeFile.Create(path, WholeFile.OwnerOnly, FileShare.ReadWrite).Dispose();
            }
            catch (IOException) when (!mustBeNew && File.Exists(path))
            {
                // Another run has just created it.
            }
        }

        SafeFileHandle handle = OperatingSystem.IsWindows()
            ? File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)
            : OpenAtEnd(path);
        try
        {
            Refuse(handle, path);
            return new AppendFile(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads bytes at a position.</summary>
    public int Read(Span<byte> buffer, long position) => RandomAccess.Read(_handle, buffer, position);

    /// <summary>Appends bytes.</summary>
    /// <exception cref="IOException">The system refuses, for example because the disk is full. A part may have been written.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_stream is not null)
        {
            AppendLocked(bytes);
            return;
        }

        while (!bytes.IsEmpty)
        {
            nint written = NativeWrite(_handle, in MemoryMarshal.GetReference(bytes), bytes.Length);
            if (written > 0)
            {
                bytes = bytes[(int)written..];
            }
            else if (Marshal.GetLastPInvokeError() is int error and not Interrupted)
            {
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream?.Dispose();
        _handle.Dispose();
    }

    private void AppendLocked(ReadOnlySpan<byte> bytes)
    {
        if (!OperatingSystem.IsWindows())
        {
            return;
        }

        while (true)
        {
            try
            {
                _stream!.Lock(LockedPlace, 1);
                break;
            }
            catch (IOException exception) when (exception.HResult == unchecked((int)0x80070021))
            {
                Thread.Sleep(s_lockPause);
            }
        }

        try
        {
            _stream.Seek(0, SeekOrigin.End);
            _stream.Write(bytes);
        }
        finally
        {
            _stream.Unlock(LockedPlace, 1);
        }
    }

    private static void Refuse(SafeFileHandle handle, string path)
    {
        if (FileFacts.Of(handle) is not FileFacts facts)
        {
            return;
        }

        string? fault = !facts.IsRegular ? "is not a regular file"
            : !facts.IsOwn ? $"belongs to another user (ID {facts.Owner})"
            : facts.Links > 1 ? "has other names (hard links)"
            : null;
        if (fault is not null)
        {
            throw new IOException($"'{path}' {fault}.");
        }
    }

    // The file exists: the mode of a new one cannot be passed to the system in the same way on every processor.
    private static SafeFileHandle OpenAtEnd(string path) =>
        UnixFile.TryOpen(path, ReadAndWrite | (OperatingSystem.IsMacOS() ? AtEndOnMac : AtEnd), out int error)
        ?? throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'");

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint NativeWrite(SafeFileHandle file, in byte bytes, nint count);
}
