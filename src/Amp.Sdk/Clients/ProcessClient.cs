using System.ComponentModel;
using System.Diagnostics;
using Amp.Processes;

namespace Amp;

/// <summary>
/// Gets and stops the processes of runs, including runs whose own process has exited. On Linux, these are all processes of this user. On
/// other systems, the environment of a process is not visible, so they are the CLIs of this process's own runs.
/// </summary>
public sealed class ProcessClient
{
    private static readonly TimeSpan s_defaultGrace = TimeSpan.FromSeconds(2);

#pragma warning disable CA1822 // An object like the other clients, so that a caller can have another one in its place.

    /// <summary>Gets the processes of all runs, ordered by ID.</summary>
    public IReadOnlyList<AmpProcess> List() =>
        [.. (OperatingSystem.IsLinux() ? Marked() : ChildProcess.Running.Select(child => Describe(child.ProcessId, [child.Mark])))
            .OfType<AmpProcess>()
            .OrderBy(process => process.Id)];

    /// <summary>
    /// Stops processes: sends the signal of Ctrl+C, after which the CLI writes a last result, and kills those that do not exit in time. On
    /// Windows, the run that a process belongs to is killed at once, with all its processes. A process that has already exited is not an error.
    /// </summary>
    /// <param name="processes">The processes from <see cref="List"/>. Another process that got the same ID is not stopped.</param>
    /// <param name="gracePeriod">The time to exit. The default is two seconds.</param>
    /// <param name="cancellationToken">Ends the grace period early.</param>
    /// <returns>The processes that the system could not end.</returns>
    public async Task<IReadOnlyList<AmpProcess>> StopAsync(
        IReadOnlyCollection<AmpProcess> processes, TimeSpan? gracePeriod = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(processes);
        if (OperatingSystem.IsWindows())
        {
            // Other processes cannot be asked to exit there, and the listed ones belong to this process.
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

#pragma warning restore CA1822

    private static IEnumerable<AmpProcess?> Marked() =>
        MarkedProcesses.FindAll().Where(found => ProcessUser.IsOwn(found.Id)).Select(found => Describe(found.Id, found.Marks));

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
