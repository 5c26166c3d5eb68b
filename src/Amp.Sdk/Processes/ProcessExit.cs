namespace Amp.Processes;

/// <summary>How a process ended: with an exit code or by a signal.</summary>
internal readonly record struct ProcessExit(int? ExitCode, string? Signal)
{
    private const int OfSignal = 128;

    private static readonly Dictionary<int, string> s_signals = new()
    {
        [1] = "SIGHUP",
        [2] = "SIGINT",
        [3] = "SIGQUIT",
        [4] = "SIGILL",
        [6] = "SIGABRT",
        [8] = "SIGFPE",
        [9] = "SIGKILL",
        [11] = "SIGSEGV",
        [13] = "SIGPIPE",
        [15] = "SIGTERM",
    };

    public bool IsSuccess => ExitCode == 0;

    /// <summary>The code as .NET and POSIX shells report it, for a program that may itself exit with the code of a signal, such as a script.</summary>
    public int Code
    {
        get
        {
            string? signal = Signal;
            return ExitCode ?? (OfSignal + s_signals.FirstOrDefault(known => known.Value == signal).Key);
        }
    }

    /// <summary>Converts the exit code of .NET, which on Unix is 128 plus the number of the signal that ended the process.</summary>
    public static ProcessExit FromCode(int code) => OperatingSystem.IsWindows() ? new ProcessExit(code, null) : FromShell(code);

    /// <summary>Converts the exit code of a POSIX shell, which is 128 plus the number of the signal that ended its command.</summary>
    public static ProcessExit FromShell(int code) =>
        s_signals.TryGetValue(code - OfSignal, out string? signal) ? new ProcessExit(null, signal) : new ProcessExit(code, null);

    public override string ToString() => Signal is null ? $"exit code {ExitCode}" : $"signal {Signal}";
}
