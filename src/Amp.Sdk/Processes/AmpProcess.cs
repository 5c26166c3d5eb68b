using Amp.Processes;

namespace Amp;

/// <summary>A process that belongs to a run of the agent: the CLI itself, or something that it has started.</summary>
public sealed class AmpProcess
{
    internal AmpProcess(ProcessIdentity identity, RunMark mark, string name, DateTime? startTime, bool isOrphan)
    {
        Identity = identity;
        Id = identity.Id;
        RunId = mark.RunId;
        OwnerId = mark.Owner.Id;
        // A program may give itself any name.
        Name = TerminalText.Strip(name);
        StartTime = startTime;
        IsOrphan = isOrphan;
        IsOwn = mark.Owner == ProcessIdentity.Current;
    }

    /// <summary>The process's ID.</summary>
    public int Id { get; }

    /// <summary>The name of its program; empty where it has just ended.</summary>
    public string Name { get; }

    /// <summary>The run that it belongs to; the innermost one, where a run was started by the agent of another.</summary>
    public string RunId { get; }

    /// <summary>The ID of the process that has started the run, and ends it: a PowerShell, for instance.</summary>
    public int OwnerId { get; }

    /// <summary>Whether this process has started the run: in PowerShell, whether it is one of this PowerShell's own runs and no other's.</summary>
    public bool IsOwn { get; }

    /// <summary>Whether that process, or the one of an outer run, is gone, so that nobody ends this one. The next run does.</summary>
    public bool IsOrphan { get; }

    /// <summary>When it was started, in local time; null where the system does not tell.</summary>
    public DateTime? StartTime { get; }

    internal ProcessIdentity Identity { get; }

    /// <inheritdoc/>
    public override string ToString() => Name.Length == 0 ? $"process {Id}" : $"process {Id} ({Name})";
}
