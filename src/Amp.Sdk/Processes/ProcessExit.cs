namespace Amp.Processes;

/// <summary>How a process ended: with an exit code or by a signal.</summary>
internal readonly record struct ProcessExit(int? ExitCode, string? Signal)
{
    public bool IsSuccess => ExitCode == 0;

    /// <summary>Converts the exit code of .NET, which on Unix is 128 plus the number of the signal that ended the process.</summary>
    public static ProcessExit FromCode(int code) => OperatingSystem.IsWindows() ? new ProcessExit(code, null) : FromShell(code);

    /// <summary>Converts the exit code of a POSIX shell, which is 128 plus the number of the signal that ended its command.</summary>
    public static ProcessExit FromShell(int code) =>
        SignalName(code - 128) is string signal ? new ProcessExit(null, signal) : new ProcessExit(code, null);

    public override string ToString() => Signal is null ? $"exit code {ExitCode}" : $"signal {Signal}";

    private static string? SignalName(int number) => number switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => null,
    };
}
