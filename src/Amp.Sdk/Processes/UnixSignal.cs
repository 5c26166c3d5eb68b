using System.Runtime.InteropServices;

namespace Amp.Processes;

/// <summary>Sends signals, which .NET itself cannot do but for the kill.</summary>
internal static class UnixSignal
{
    private const int None = 0;
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;

    // EPERM has this number on Linux and on macOS.
    private const int NotPermitted = 1;

    /// <summary>Asks a process to end, as Ctrl+C does; does nothing on Windows, where no other process can be asked.</summary>
    /// <returns>Whether the process was asked.</returns>
    public static bool SendInterrupt(int processId) => Send(processId, Interrupt);

    /// <summary>Tells a process to end, as service managers do. A shell passes Ctrl+C over while it waits for its child, but not this.</summary>
    /// <returns>Whether the process was told.</returns>
    public static bool SendTerminate(int processId) => Send(processId, Terminate);

    /// <summary>Ends a process at once.</summary>
    public static bool SendKill(int processId) => Send(processId, Kill);

    /// <summary>Whether there is a process of this ID, also one that may not be touched.</summary>
    public static bool Exists(int processId) => Send(processId, None) || Marshal.GetLastPInvokeError() == NotPermitted;

    // 0, 1 and negative numbers mean groups, the system's first process, or everybody.
    private static bool Send(int processId, int signal) =>
        !OperatingSystem.IsWindows() && processId > 1 && NativeKill(processId, signal) == 0;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int processId, int signal);
}
