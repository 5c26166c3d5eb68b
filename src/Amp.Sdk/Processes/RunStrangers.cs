using System.Diagnostics;
using System.Globalization;
using Amp.Files;

namespace Amp.Processes;

/// <summary>
/// Finds processes of a run that have left its tree and removed the variable that identifies the others (Linux). Only certain processes are
/// killed: those that were seen below the CLI, and those that use the run's own pipes as standard streams.
/// </summary>
/// <remarks>A pipe under another number proves less, because programs pass open files to servers that were already running.</remarks>
internal sealed class RunStrangers
{
    private const int StandardStreams = 3;
    private const int MostNamed = 5;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    private readonly int _processId;
    private readonly long? _start;
    private readonly HashSet<string> _pipes;
    private readonly string? _folder;
    private readonly HashSet<ProcessIdentity> _seen = [];

    /// <param name="processId">The CLI that was just started. On a busy machine, it may have exited already, and its row is gone.</param>
    /// <param name="handles">This process's ends of its pipes.</param>
    /// <param name="folder">The folder in which it was started.</param>
    /// <param name="earliest">A time before its start, as of <see cref="ProcessTable.Now"/>.</param>
    public RunStrangers(int processId, IEnumerable<nint> handles, string folder, long earliest)
    {
        _processId = processId;
        _start = OperatingSystem.IsLinux() ? ProcessTable.Find(processId, alsoEnded: true)?.Start ?? earliest : null;
        _folder = _start is null ? null : Target($"/proc/{processId}/cwd") ?? RealPath.Of(folder);
        _pipes = _start is null
            ? []
            : [.. handles.Select(handle => Target($"/proc/self/fd/{handle.ToString(CultureInfo.InvariantCulture)}")).OfType<string>()
                .Where(target => target.StartsWith("pipe:", StringComparison.Ordinal))];
    }

    /// <summary>Records the current descendants of the CLI. Later, they may no longer be descendants and still belong to the run.</summary>
    public void Note()
    {
        if (_start is not long start)
        {
            return;
        }

        ILookup<int, ProcessRow> children = ProcessTable.Since(start).ToLookup(row => row.Parent);
        Queue<ProcessRow> parents = new();
        if (ProcessTable.Find(_processId) is ProcessRow cli && cli.Start == start)
        {
            parents.Enqueue(cli);
        }

        while (parents.TryDequeue(out ProcessRow parent))
        {
            foreach (ProcessRow child in children[parent.Id])
            {
                // While the table is read, an ID can be reused. A parent that is still the same was the same in between.
                if (child.Start >= parent.Start && ProcessTable.Find(child.Id) == child && ProcessTable.Find(parent.Id) is ProcessRow now && now.Start == parent.Start)
                {
                    lock (_seen)
                    {
                        _seen.Add(Identity(child));
                    }

                    parents.Enqueue(child);
                }
            }
        }
    }

    /// <summary>Kills the processes of the run, and returns when they are gone or after a limited time.</summary>
    public async Task KillAsync()
    {
        if (_start is not long start)
        {
            return;
        }

        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < s_limit)
        {
            List<ProcessIdentity> left = [.. Seen().Where(process => !process.IsGone), .. ProcessTable.Since(start).Where(HasPipe).Select(Identity)];
            if (left.Count == 0)
            {
                return;
            }

            foreach (ProcessIdentity process in left.Where(process => !process.IsGone))
            {
                UnixSignal.SendKill(process.Id);
            }

            await Task.Delay(5).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Gets the processes that may belong to the run without proof, in words; null if there are none. Such a process was started during the
    /// run, its parent has exited, it is in the control group of this process (unlike everything that a service manager started), and it
    /// works in the run's folder or holds one of its pipes.
    /// </summary>
    public string? Suspects()
    {
        if (_start is not long start)
        {
            return null;
        }

        ProcessRow[] suspects =
        [
            .. ProcessTable.Since(start).Where(row => row.Id != Environment.ProcessId && row.Id != _processId
                && HasLostItsParent(row) && ProcessUser.IsOwn(row.Id) && IsInOwnGroup(row.Id) && (WorksInFolder(row.Id) || HoldsPipe(row.Id))
                && !BelongsToRun(row.Id) && ProcessTable.Find(row.Id) == row),
        ];
        return suspects.Length == 0
            ? null
            : string.Join(", ", suspects.Take(MostNamed).Select(row => $"{row.Id} ({NameOf(row.Id)})"))
                + (suspects.Length > MostNamed ? $" and {suspects.Length - MostNamed} more" : string.Empty);
    }

    private static ProcessIdentity Identity(ProcessRow row) => new(row.Id, row.Start, ProcessIdentity.Current.Space);

    private ProcessIdentity[] Seen()
    {
        lock (_seen)
        {
            return [.. _seen];
        }
    }

    private bool HasPipe(ProcessRow row) =>
        row.Id != Environment.ProcessId
        && Enumerable.Range(0, StandardStreams).Any(number => Target($"/proc/{row.Id}/fd/{number}") is string target && _pipes.Contains(target));

    private bool HoldsPipe(int processId)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd").Any(file => Target(file) is string target && _pipes.Contains(target));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // When its parent exits, a process becomes a child of the first process of the system, or of an ancestor that requested this.
    private static bool HasLostItsParent(ProcessRow row) =>
        row.Parent == 1 || (ProcessTable.Find(row.Parent) is ProcessRow parent && parent.Parent <= 1 && NameOf(parent.Id) == "systemd");

    // It belongs to another active run, or is an orphan that the next run finds.
    private static bool BelongsToRun(int processId) => ProcessVariables.HasAny(processId, RunMark.VariableName);

    private static bool IsInOwnGroup(int processId) => Text($"/proc/{processId}/cgroup") == Text("/proc/self/cgroup");

    private bool WorksInFolder(int processId) =>
        _folder is not null && Target($"/proc/{processId}/cwd") is string own
        && (own == _folder || own.StartsWith(_folder.TrimEnd('/') + "/", StringComparison.Ordinal));

    private static string NameOf(int processId) => TerminalText.Name(Text($"/proc/{processId}/comm").Trim());

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
