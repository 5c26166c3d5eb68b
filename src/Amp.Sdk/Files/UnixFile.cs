using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Amp.Files;

/// <summary>Opens files on Linux and macOS as .NET cannot: .NET opens a pipe like any other file, and waits until another process writes to it.</summary>
internal static class UnixFile
{
    private const int NotBlocking = 0x800;
    private const int NotBlockingOnMac = 0x4;
    private const int NotInherited = 0x80000;
    private const int NotInheritedOnMac = 0x1000000;
    private const int Interrupted = 4;

    /// <summary>Opens an existing file without waiting.</summary>
    /// <param name="path">The file. A link is followed.</param>
    /// <param name="flags">The flags of <c>open(2)</c> for the access.</param>
    /// <param name="error">The error number if it cannot be opened.</param>
    /// <returns>Null if it cannot be opened.</returns>
    public static SafeFileHandle? TryOpen(string path, int flags, out int error)
    {
        flags |= OperatingSystem.IsMacOS() ? NotBlockingOnMac | NotInheritedOnMac : NotBlocking | NotInherited;
        while (true)
        {
            int number = NativeOpen(path, flags);
            error = number >= 0 ? 0 : Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                return number >= 0 ? new SafeFileHandle(number, ownsHandle: true) : null;
            }
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeOpen([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
