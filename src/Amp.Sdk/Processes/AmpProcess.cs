using Amp.Processes;

namespace Amp;

/// <summary>A process of a run: the CLI itself, or a process that it started.</summary>
public sealed class AmpProcess
{
    internal AmpProcess(ProcessIdentity identity, RunMark mark, string name, DateTime? startTime, bool isOrphan)
    {
        Identity = identity;
        Id = identity.Id;
        RunId = mark.RunId;
        OwnerId = mark.Owner.Id;
        // A program can set any name.
        Name = TerminalText.Strip(name);
        StartTime = startTime;
        IsOrphan = isOrphan;
        IsOwn = mark.Owner == ProcessIdentity.Current;
    }

    /// <summary>The process ID.</summary>
    public int Id { get; }

    /// <summary>The name of the program; empty if the process has just exited.</summary>
    public string Name { get; }

    /// <summary>The run of the process; the innermost one if the agent of another run started it.</summary>
    public string RunId { get; }

    /// <summary>The ID of the process that started the run and stops it, for example a PowerShell.</summary>
    public int OwnerId { get; }

    /// <summary>Whether this process started the run. In PowerShell: whether it is one of this PowerShell's own runs.</summary>
    public bool IsOwn { get; }

    /// <summary>
    /// Whether the owner of the run, or of an outer run, has exited, so nothing stops this process. The next run stops it.
    /// </summary>
    public bool IsOrphan { get; }

    /// <summary>The start time, in local time; null if the system does not report it.</summary>
    public DateTime? StartTime { get; }

    internal ProcessIdentity Identity { get; }

    /// <inheritdoc/>
    public override string ToString() => Name.Length == 0 ? $"process {Id}" : $"process {Id} ({Name})";
}
