using System.Runtime.InteropServices;

namespace Amp.Attack;

/// <summary>Makes named pipes of Unix, which hold up whoever opens them as files.</summary>
internal static class NamedPipe
{
    private const uint OwnerOnly = 0x180;

    public static void Make(string path)
    {
        if (NativeMake(path, OwnerOnly) != 0)
        {
            throw new IOException($"'{path}': {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [DllImport("libc", EntryPoint = "mkfifo", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeMake([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
