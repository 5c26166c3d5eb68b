using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Amp.FakeCli;

/// <summary>The few system calls .NET does not offer.</summary>
internal static class NativeMethods
{
    private const int CoreFileSizeLimit = 4;

    /// <summary>The process group, or null on a system without such groups.</summary>
    public static int? ProcessGroupId => OperatingSystem.IsWindows() ? null : getpgid(0);

    /// <summary>The session the process belongs to, or null on a system without such sessions.</summary>
    public static int? SessionId => OperatingSystem.IsWindows() ? null : getsid(0);

    /// <summary>The parent, or null where the system has no simple question for it.</summary>
    public static int? ParentProcessId => OperatingSystem.IsWindows() ? null : getppid();

    /// <summary>Closes a stream for good: the runtime keeps duplicates of its own of all three.</summary>
    public static void CloseStandardStream(int descriptor)
    {
        if (OperatingSystem.IsWindows())
        {
            _ = CloseHandle(GetStdHandle(-10 - descriptor));
            return;
        }

        if (!OperatingSystem.IsLinux())
        {
            throw FakeStepException.Unsupported("closing a standard stream");
        }

        // Another file takes the place of each: a free number would go to the next file opened and to every child.
        using SafeFileHandle none = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        string? target = new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget;
        foreach (string path in Directory.GetFiles("/proc/self/fd"))
        {
            int duplicate = int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);
            bool isOtherStream = duplicate < 3 && duplicate != descriptor;
            if (!isOtherStream && new FileInfo(path).LinkTarget == target)
            {
                _ = dup2((int)none.DangerousGetHandle(), duplicate);
            }
        }
    }

    /// <summary>Ends this process by a signal, past every handler of the runtime and without a core file.</summary>
    public static void DieBySignal(int signal)
    {
        if (OperatingSystem.IsWindows())
        {
            throw FakeStepException.Unsupported("signal");
        }

        ResourceLimit none = default;
        _ = setrlimit(CoreFileSizeLimit, in none);
        _ = NativeMethods.signal(signal, 0);
        _ = kill(Environment.ProcessId, signal);
    }

    [DllImport("libc")]
    private static extern int getpgid(int processId);

    [DllImport("libc")]
    private static extern int getsid(int processId);

    [DllImport("libc")]
    private static extern int getppid();

    [DllImport("libc")]
    private static extern int dup2(int from, int to);

    [DllImport("libc")]
    private static extern int kill(int processId, int signal);

    [DllImport("libc")]
    private static extern nint signal(int signal, nint handler);

    [DllImport("libc")]
    private static extern int setrlimit(int resource, in ResourceLimit limit);

    [DllImport("kernel32")]
    private static extern nint GetStdHandle(int which);

    [DllImport("kernel32")]
    private static extern int CloseHandle(nint handle);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ResourceLimit
    {
        public readonly nuint Current;
        public readonly nuint Maximum;
    }
}
