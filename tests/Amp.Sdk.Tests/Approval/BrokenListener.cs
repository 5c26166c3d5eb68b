using System.Globalization;
using System.Runtime.InteropServices;

namespace Amp.Sdk.Tests.Approval;

/// <summary>
/// Takes a listening socket of this process away from its number, so that every call on it fails, as when the process has no more files to open;
/// connections still arrive. Gives it back at the end.
/// </summary>
internal sealed class BrokenListener : IDisposable
{
    // Neither copy may be handed down to a process that another test starts meanwhile.
    private const int DuplicateClosedOnExecute = 1030;
    private const int ClosedOnExecute = 0x80000;

    private readonly int _number;
    private readonly int _kept;

    public BrokenListener(int port)
    {
        _number = NumberOf(port);
        _kept = Checked(Control(_number, DuplicateClosedOnExecute, 0));
        using FileStream other = File.OpenRead("/dev/null");
        _ = Checked(Replace((int)other.SafeFileHandle.DangerousGetHandle(), _number, ClosedOnExecute));
    }

    public void Dispose()
    {
        _ = Checked(Replace(_kept, _number, ClosedOnExecute));
        _ = Checked(Close(_kept));
    }

    // The rows of /proc/net/tcp: number, local address, remote address, state (0A listens), ..., inode in the tenth field.
    private static int NumberOf(int port)
    {
        string suffix = port.ToString("X4", CultureInfo.InvariantCulture);
        string inode = File.ReadLines("/proc/self/net/tcp")
            .Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .First(row => row[1].EndsWith($":{suffix}", StringComparison.Ordinal) && row[3] == "0A")[9];
        return Directory.EnumerateFiles("/proc/self/fd")
            .Where(path => new FileInfo(path).LinkTarget == $"socket:[{inode}]")
            .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
            .Single();
    }

    private static int Checked(int result) => result >= 0 ? result : throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int file, int command, int value);

    [DllImport("libc", EntryPoint = "dup3", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Replace(int file, int number, int flags);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int file);
}
