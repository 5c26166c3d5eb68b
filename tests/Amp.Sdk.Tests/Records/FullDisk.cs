using System.Runtime.InteropServices;

namespace Amp.Sdk.Tests.Records;

/// <summary>Makes the disk under one open file of this process full or slow.</summary>
internal static class FullDisk
{
    private const int WriteOnly = 1;

    /// <summary>The system refuses what is written to the file from now on.</summary>
    public static void Take(string path) => Replace(path, NativeOpen("/dev/full", WriteOnly));

    /// <summary>What is written to the file from now on waits, as soon as it is more than a pipe holds, until it is read here.</summary>
    public static FileStream Stall(string path)
    {
        int[] ends = new int[2];
        Assert.Equal(0, NativePipe(ends));
        Replace(path, ends[1]);
        return new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(ends[0], ownsHandle: true), FileAccess.Read);
    }

    private static void Replace(string path, int full)
    {
        string handle = Assert.Single(Directory.GetFileSystemEntries("/proc/self/fd"), link => new FileInfo(link).LinkTarget == path);
        Assert.True(full >= 0);
        Assert.True(NativeReplace(full, int.Parse(Path.GetFileName(handle), System.Globalization.CultureInfo.InvariantCulture)) >= 0);
        Assert.Equal(0, NativeClose(full));
    }

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeOpen([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "pipe")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativePipe([Out] int[] ends);

    [DllImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeReplace(int from, int to);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeClose(int handle);
}
