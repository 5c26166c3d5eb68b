using System.Runtime.InteropServices;

namespace Amp.Processes;

/// <summary>Sends signals. .NET itself supports only kill.</summary>
internal static class UnixSignal
{
    private const int None = 0;
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;

    // EPERM has this number on Linux and macOS.
    private const int NotPermitted = 1;

    /// <summary>Asks a process to exit, as Ctrl+C does. Does nothing on Windows, where other processes cannot be asked.</summary>
    /// <returns>Whether the process was asked.</returns>
    public static bool SendInterrupt(int processId) => Send(processId, Interrupt);

    /// <summary>
    /// Tells a process to exit, as service managers do. A shell ignores Ctrl+C while it waits for its child, but not this signal.
    /// </summary>
    /// <returns>Whether the process was told.</returns>
    public static bool SendTerminate(int processId) => Send(processId, Terminate);

    /// <summary>Kills a process.</summary>
    public static bool SendKill(int processId) => Send(processId, Kill);

    /// <summary>Returns whether a process of this ID exists, even if it is not accessible.</summary>
    public static bool Exists(int processId) => Send(processId, None) || Marshal.GetLastPInvokeError() == NotPermitted;

    // 0, 1 and negative numbers mean groups, the first process of the system, or all processes.
    private static bool Send(int processId, int signal) =>
        !OperatingSystem.IsWindows() && processId > 1 && NativeKill(processId, signal) == 0;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int processId, int signal);
}
