using Amp.Processes;

namespace Amp;

/// <summary>A start of the CLI.</summary>
public sealed record RunStart
{
    internal RunStart(int? processId, string cliPath, string? cliVersion)
    {
        ProcessId = processId;
        CliPath = cliPath;
        CliVersion = cliVersion;
    }

    /// <summary>
    /// The ID of a process on this machine: the CLI, or <c>ssh</c> for a run on another machine. Null if there is none.
    /// </summary>
    public int? ProcessId { get; }

    /// <summary>The path where the CLI was found.</summary>
    public string CliPath { get; }

    /// <summary>The version that the CLI reports; null if it reports none.</summary>
    public string? CliVersion { get; }

    /// <inheritdoc/>
    public override string ToString() => ProcessId is null ? CliPath : $"process {ProcessId}";
}

/// <summary>
/// How the CLI exited. This does not show whether the run succeeded: the CLIs of 2026 exit with 0 after failed runs. Use <see cref="ResultMessage.Outcome"/> and
/// the exception of the run instead.
/// </summary>
public sealed record RunExit
{
    private readonly ProcessExit _exit;

    internal RunExit(ProcessExit exit) => _exit = exit;

    /// <summary>The exit code; null if a signal terminated the CLI.</summary>
    public int? ExitCode => _exit.ExitCode;

    /// <summary>The name of the signal that terminated the CLI, such as <c>SIGKILL</c>; null if it exited by itself.</summary>
    public string? Signal => _exit.Signal;

    /// <inheritdoc/>
    public override string ToString() => _exit.ToString();
}
