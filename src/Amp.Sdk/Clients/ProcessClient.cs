using System.ComponentModel;
using System.Diagnostics;
using Amp.Processes;

namespace Amp;

/// <summary>
/// Finds and ends the processes of runs, also of those whose own process is gone. On Linux these are all that this user may see; elsewhere the
/// system does not show what a process was started with, so they are the CLIs of this process's own runs.
/// </summary>
public static class ProcessClient
{
    private static readonly TimeSpan s_defaultGrace = TimeSpan.FromSeconds(2);

    /// <summary>Every process of a run, in the order of their IDs.</summary>
    public static IReadOnlyList<AmpProcess> List() =>
        [.. (OperatingSystem.IsLinux() ? Marked() : ChildProcess.Running.Select(child => Describe(child.Id, [child.Mark])))
            .OfType<AmpProcess>()
            .OrderBy(process => process.Id)];

    /// <summary>
    /// Ends processes: asks them as Ctrl+C does, upon which the CLI writes a last result, and ends by force what does not end in time. What
    /// has ended meanwhile is no error.
    /// </summary>
    /// <param name="processes">The processes, as <see cref="List"/> gave them. Another process that got the ID of one is not touched.</param>
    /// <param name="gracePeriod">How long they are given; two seconds by default.</param>
    /// <param name="cancellationToken">Cuts the grace period short.</param>
    /// <returns>Those that the system could not end.</returns>
    public static async Task<IReadOnlyList<AmpProcess>> StopAsync(
        IReadOnlyCollection<AmpProcess> processes, TimeSpan? gracePeriod = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(processes);
        if (OperatingSystem.IsWindows())
        {
            // No other process can be asked to end there, and those listed are this process's own.
            await Task.WhenAll(ChildProcess.Running
                .Where(child => processes.Any(process => process.RunId == child.Mark.RunId))
                .Select(child => child.KillAsync())).ConfigureAwait(false);
            return [.. processes.Where(process => !process.Identity.IsGone)];
        }

        IReadOnlyList<ProcessIdentity> left = await OrphanSweep.EndAsync(
            [.. processes.Select(process => process.Identity)], UnixSignal.SendInterrupt, gracePeriod ?? s_defaultGrace, cancellationToken)
            .ConfigureAwait(false);
        return [.. processes.Where(process => left.Contains(process.Identity))];
    }

    private static IEnumerable<AmpProcess?> Marked() => MarkedProcesses.FindAll().Select(found => Describe(found.Id, found.Marks));

    private static AmpProcess? Describe(int processId, IReadOnlyList<RunMark> marks)
    {
        if (ProcessIdentity.StartOf(processId) is not long start)
        {
            return null;
        }

        (string name, DateTime? startTime) = Ask(processId);
        return new AmpProcess(
            new ProcessIdentity(processId, start, ProcessIdentity.Current.Space),
            marks[^1],
            name,
            startTime,
            marks.Any(mark => mark.Owner.IsGone));
    }

    private static (string Name, DateTime? StartTime) Ask(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return (process.ProcessName, process.StartTime);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return (string.Empty, null);
        }
    }
}
