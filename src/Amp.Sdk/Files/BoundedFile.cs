using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Amp.Files;

/// <summary>
/// The single way to open a file whose path or location may be chosen by someone else: a project, the agent, another user. A pipe would
/// block the reader forever, a device would never end, and a large file would fill the memory. Therefore, only regular files are opened,
/// without waiting, and reading stops at a limit, whatever length the file reports.
/// </summary>
internal static class BoundedFile
{
    /// <summary>The maximum size of settings, server lists and other JSON that users write.</summary>
    public const int LargestText = 16 * 1024 * 1024;

    private const int ToRead = 0;
    private const int NoSuchFile = 2;
    private const int NotPermitted = 13;

    /// <summary>Returns whether anything exists at a path, including a broken link.</summary>
    /// <remarks>.NET simplifies a path before it asks the system, so it may find another file if <c>..</c> follows a link.</remarks>
    public static bool IsThere(string? path) => !string.IsNullOrEmpty(path)
        && (Path.Exists(path) || new FileInfo(path).LinkTarget is not null || (RealPath.GoesUp(path) && Path.Exists(RealPath.Of(path))));

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file. A link is followed.</param>
    /// <param name="limit">The maximum number of bytes.</param>
    /// <exception cref="IOException">The file does not exist, is not a regular file, or is larger.</exception>
    /// <exception cref="UnauthorizedAccessException">The user does not have permission to read it.</exception>
    public static byte[] Read(string path, int limit = LargestText)
    {
        using FileStream file = Open(path);
        if (file.Length > limit)
        {
            throw TooLarge(path, limit);
        }

        // The length is wrong on some file systems, and a file may grow while it is read.
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

    /// <summary>Reads a whole file as UTF-8 text.</summary>
    /// <inheritdoc cref="Read"/>
    public static string ReadText(string path, int limit = LargestText)
    {
        using StreamReader reader = new(new MemoryStream(Read(path, limit)));
        return reader.ReadToEnd();
    }

    /// <summary>Reads the first bytes of a file, up to a number.</summary>
    /// <inheritdoc cref="Read"/>
    public static byte[] ReadStart(string path, int count)
    {
        using FileStream file = Open(path);
        byte[] bytes = new byte[count];
        return bytes[..file.ReadAtLeast(bytes, count, throwOnEndOfStream: false)];
    }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="IOException">The file does not exist or is not a regular file.</exception>
    /// <exception cref="UnauthorizedAccessException">The user does not have permission to read it.</exception>
    /// <remarks>The type is read from the opened file, not from the path, which may point to another file a moment later.</remarks>
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

    private static SafeFileHandle OpenWithoutWaiting(string path) => UnixFile.TryOpen(path, ToRead, out int error) ?? throw (error switch
    {
        NoSuchFile => new FileNotFoundException($"The file '{path}' does not exist.", path),
        NotPermitted => new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
        _ => new IOException($"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'"),
    });

    private static IOException NotRegular(string path) => new($"'{path}' is not a regular file.");

    private static IOException TooLarge(string path, int limit) => new($"'{path}' is larger than {limit} bytes.");
}
