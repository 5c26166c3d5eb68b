using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Amp.Files;

/// <summary>
/// The one way to open a file whose path, or whose place, somebody else may have chosen: a project, the agent, another user. A pipe in its
/// place would hold the reader up for ever, a device would never end, and a file of any size would fill the memory. So what is no regular
/// file is refused without waiting for it, and no more than a limit is read, whatever the file says of its own length.
/// </summary>
internal static class BoundedFile
{
    /// <summary>What settings, server lists and other JSON that a person writes may take.</summary>
    public const int LargestText = 16 * 1024 * 1024;

    private const int NotBlocking = 0x800;
    private const int NotBlockingOnMac = 0x4;
    private const int NotInherited = 0x80000;
    private const int NotInheritedOnMac = 0x1000000;
    private const int NoSuchFile = 2;
    private const int NotPermitted = 13;
    private const int Interrupted = 4;

    /// <summary>Whether something stands at a path, of whatever kind; a link that leads nowhere too.</summary>
    /// <remarks>.NET shortens a path before it asks the system, which may find another file behind a link that is followed by <c>..</c>.</remarks>
    public static bool IsThere(string? path) => !string.IsNullOrEmpty(path)
        && (Path.Exists(path) || new FileInfo(path).LinkTarget is not null || (RealPath.GoesUp(path) && Path.Exists(RealPath.Of(path))));

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file; a link is followed.</param>
    /// <param name="limit">How many bytes it may have.</param>
    /// <exception cref="IOException">It is not there, is no regular file, or has more.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static byte[] Read(string path, int limit = LargestText)
    {
        using FileStream file = Open(path);
        if (file.Length > limit)
        {
            throw TooLarge(path, limit);
        }

        // Of some file systems no length is true, and a file may grow while it is read.
        using MemoryStream content = new((int)file.Length);
        byte[] buffer = new byte[Math.Min(limit + 1L, 64 * 1024)];
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            if (content.Length + read > limit)
            {
                throw TooLarge(path, limit);
            }

            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    /// <summary>The same as text in UTF-8.</summary>
    /// <inheritdoc cref="Read"/>
    public static string ReadText(string path, int limit = LargestText)
    {
        using StreamReader reader = new(new MemoryStream(Read(path, limit)));
        return reader.ReadToEnd();
    }

    /// <summary>The first bytes of a file, as many as there are.</summary>
    /// <inheritdoc cref="Read"/>
    public static byte[] ReadStart(string path, int count)
    {
        using FileStream file = Open(path);
        byte[] bytes = new byte[count];
        return bytes[..file.ReadAtLeast(bytes, count, throwOnEndOfStream: false)];
    }

    /// <summary>Opens a file to read it from its beginning.</summary>
    /// <exception cref="IOException">It is not there or is no regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    /// <remarks>The type is asked of what was opened, not of the path, which may lead to something else a moment later.</remarks>
    public static FileStream Open(string path)
    {
        SafeFileHandle handle = OperatingSystem.IsWindows()
            ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
            : OpenWithoutWaiting(path);
        FileStream? file = null;
        try
        {
            bool isRegular = FileFacts.Of(handle)?.IsRegular ?? !Directory.Exists(path);
            file = isRegular ? new FileStream(handle, FileAccess.Read, bufferSize: 0) : throw NotRegular(path);
            return file.CanSeek ? file : throw NotRegular(path);
        }
        catch
        {
            file?.Dispose();
            handle.Dispose();
            throw;
        }
    }

    // .NET opens a pipe as every other file, and waits until somebody writes to it.
    private static SafeFileHandle OpenWithoutWaiting(string path)
    {
        int flags = OperatingSystem.IsMacOS() ? NotBlockingOnMac | NotInheritedOnMac : NotBlocking | NotInherited;
        while (true)
        {
            int number = NativeOpen(path, flags);
            if (number >= 0)
            {
                return new SafeFileHandle(number, ownsHandle: true);
            }

            int error = Marshal.GetLastPInvokeError();
            switch (error)
            {
                case Interrupted:
                    continue;
                case NoSuchFile:
                    throw new FileNotFoundException($"The file '{path}' does not exist.", path);
                case NotPermitted:
                    throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.");
                default:
                    throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'");
            }
        }
    }

    private static IOException NotRegular(string path) => new($"'{path}' is not a regular file.");

    private static IOException TooLarge(string path, int limit) => new($"'{path}' is larger than {limit} bytes.");

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeOpen([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
