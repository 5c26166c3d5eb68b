using System.Runtime.InteropServices;

namespace Amp.Processes;

/// <summary>Sends signals, which .NET itself cannot do but for the kill.</summary>
internal static class UnixSignal
{
    private const int Interrupt = 2;
    private const int Kill = 9;

    /// <summary>Asks a process to end, as Ctrl+C does; does nothing on Windows, where no other process can be asked.</summary>
    /// <returns>Whether the process was asked.</returns>
    public static bool SendInterrupt(int processId) => Send(processId, Interrupt);

    /// <summary>Ends a process at once.</summary>
    public static bool SendKill(int processId) => Send(processId, Kill);

    // 0, 1 and negative numbers mean groups, the system's first process, or everybody.
    private static bool Send(int processId, int signal) =>
        !OperatingSystem.IsWindows() && processId > 1 && NativeKill(processId, signal) == 0;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int processId, int signal);
}
