using System.Runtime.InteropServices;

namespace Amp.Sdk.Tests.Records;

/// <summary>Fills the disk under one open file of this process: the system refuses what is written to it from now on.</summary>
internal static class FullDisk
{
    private const int WriteOnly = 1;

    public static void Take(string path)
    {
        string handle = Assert.Single(Directory.GetFileSystemEntries("/proc/self/fd"), link => new FileInfo(link).LinkTarget == path);
        int full = NativeOpen("/dev/full", WriteOnly);
        Assert.True(full >= 0);
        Assert.True(NativeReplace(full, int.Parse(Path.GetFileName(handle), System.Globalization.CultureInfo.InvariantCulture)) >= 0);
        Assert.Equal(0, NativeClose(full));
    }

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeOpen([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeReplace(int from, int to);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeClose(int handle);
}
