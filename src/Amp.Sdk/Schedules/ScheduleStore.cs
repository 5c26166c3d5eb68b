using System.Text;
using Amp.Files;
using Amp.Options;
using Amp.Processes;

namespace Amp.Schedules;

/// <summary>
/// The schedules of the user. Each has a private folder with what was registered, the runner, and the record of its last run. A registration
/// happens completely or not at all.
/// </summary>
internal sealed partial class ScheduleStore
{
    /// <summary>The script that a scheduler starts.</summary>
    public const string RunnerName = "runner.ps1";

    /// <summary>The script of a schedule that was registered as a script block.</summary>
    public const string ScriptName = "script.ps1";

    /// <summary>What was registered.</summary>
    public const string DefinitionName = "schedule.json";

    /// <summary>The record of the last run.</summary>
    public const string RecordName = "last-run.json";

    /// <summary>The lock that an active run holds.</summary>
    public const string RunLockName = "run.lock";

    /// <summary>Why the last run could not be started, if the folder of the logs does not tell.</summary>
    public const string NotStartedName = "not-started.log";

    // It is never deleted: a process that waits for it would lock a deleted file, and the next process another one.
    private const string LockName = ".lock";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    // Much longer than it takes to find out whether a run is active.
    private static readonly TimeSpan s_patienceWithRuns = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly string _logs;

    /// <summary>Opens the schedules of the user. Nothing is created.</summary>
    /// <exception cref="AmpScheduleException">The user has no home folder.</exception>
    public ScheduleStore(IReadOnlyDictionary<string, string>? environment = null)
    {
        _environment = environment ?? RunEnvironment.Build(null);
        Root = Path.Combine(UserFolder.Data(_environment) ?? throw NoHome(), "schedules");
        _logs = Path.Combine(UserFolder.State(_environment) ?? throw NoHome(), "schedule-logs");
    }

    /// <summary>The folder of all schedules.</summary>
    public string Root { get; }

    /// <summary>The folder of a schedule.</summary>
    public string FolderOf(string name) => Path.Combine(Root, name);

    /// <summary>The folder of the logs, if none is given.</summary>
    public string DefaultLogDirectory(string name) => Path.Combine(_logs, name);

    /// <summary>Gets a scheduler.</summary>
    public Scheduler Of(SchedulerKind kind)
    {
        SchedulerProgram programs = new(_environment, Path.GetPathRoot(Root)!);
        return kind switch
        {
            SchedulerKind.TaskScheduler => new WindowsTaskScheduler(programs),
            SchedulerKind.Systemd => new SystemdScheduler(programs, _environment),
            SchedulerKind.Launchd => new LaunchdScheduler(programs, _environment),
            _ => new CronScheduler(programs, TimeProvider.System),
        };
    }

    /// <summary>Chooses the scheduler of this system: on Linux, systemd if the user has one that answers, and cron otherwise.</summary>
    /// <exception cref="AmpException">The system has no such scheduler.</exception>
    public async Task<Scheduler> ChooseAsync(SchedulerKind? kind, CancellationToken cancellationToken)
    {
        if (kind is SchedulerKind given)
        {
            bool isHere = given switch
            {
                SchedulerKind.TaskScheduler => OperatingSystem.IsWindows(),
                SchedulerKind.Launchd => OperatingSystem.IsMacOS(),
                SchedulerKind.Systemd => OperatingSystem.IsLinux(),
                _ => !OperatingSystem.IsWindows(),
            };
            return isHere ? Of(given) : throw new AmpValidationException($"This system does not have the scheduler {given}.", "Scheduler", "Omit the scheduler, or choose one that this system has.", given);
        }

        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
        {
            return Of(OperatingSystem.IsWindows() ? SchedulerKind.TaskScheduler : SchedulerKind.Launchd);
        }

        SystemdScheduler systemd = (SystemdScheduler)Of(SchedulerKind.Systemd);
        CronScheduler cron = (CronScheduler)Of(SchedulerKind.Cron);
        return await systemd.IsAvailableAsync(cancellationToken).ConfigureAwait(false) ? systemd
            : cron.IsAvailable ? cron
            : throw SchedulerProgram.Failure(
                "No scheduler was found: systemd does not answer for this user, and 'crontab' was not found on PATH.",
                "Install cron, or log in so that systemd starts for you.");
    }

    /// <summary>Gets the schedules, by name. What is not one is skipped.</summary>
    public IReadOnlyList<ScheduleDefinition> List()
    {
        try
        {
            return Directory.Exists(Root)
                ? [.. Directory.EnumerateDirectories(Root).Select(Read).OfType<ScheduleDefinition>().OrderBy(schedule => schedule.Name, StringComparer.OrdinalIgnoreCase)]
                : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpScheduleException($"The schedules in '{Root}' cannot be read: {exception.Message}", AmpErrorId.SchedulerFailed, "Check your permissions for the folder.", exception);
        }
    }

    /// <summary>Gets a schedule.</summary>
    /// <exception cref="AmpScheduleException">There is no schedule of this name.</exception>
    public ScheduleDefinition Get(string name) => Find(name) ?? throw new AmpScheduleException(
        $"There is no schedule '{TerminalText.Escaped(name)}'.", AmpErrorId.ScheduleNotFound, "Check the name in the list of schedules.") { ScheduleName = name };

    /// <summary>Gets a schedule with its state.</summary>
    public async Task<AmpSchedule> ShowAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        ScheduleState state;
        try
        {
            state = await Of(definition.Scheduler).StateAsync(definition, cancellationToken).ConfigureAwait(false);
        }
        catch (AmpException)
        {
            state = ScheduleState.Unknown;
        }

        if (state is ScheduleState.Ready && definition.Runner.Any(word => Path.IsPathFullyQualified(word) && !Path.Exists(word)))
        {
            state = ScheduleState.Broken;
        }

        (ScheduleRecord? last, bool isActive) = LastRun(definition.Name);
        return new AmpSchedule(definition, last, isActive, state, FolderOf(definition.Name), DateTimeOffset.Now);
    }

    /// <summary>Removes a schedule, its files, and what the scheduler knows of it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="removeLogs">Whether its logs are removed too.</param>
    /// <param name="cancellationToken">Cancels the call before anything is deleted.</param>
    /// <exception cref="AmpException">There is no schedule of this name, a run is active, or its files are not the ones that were written.</exception>
    public async Task UnregisterAsync(string name, bool removeLogs, CancellationToken cancellationToken)
    {
        ScheduleDefinition definition = Get(name);
        using FileStream owned = await ReserveAsync(cancellationToken).ConfigureAwait(false);
        using FileStream running = await HoldRunsAsync(definition.Name, cancellationToken).ConfigureAwait(false);
        string folder = FolderOf(definition.Name);
        foreach (string file in definition.SchedulerFiles)
        {
            RefuseForeign(file, definition.Name);
        }

        Scheduler scheduler = Of(definition.Scheduler);
        await scheduler.UnregisterAsync(definition, cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (string file in definition.SchedulerFiles)
            {
                File.Delete(file);
            }

            await scheduler.ForgetAsync(definition, CancellationToken.None).ConfigureAwait(false);
            if (OperatingSystem.IsWindows())
            {
                // It deletes no file that is open.
                await running.DisposeAsync().ConfigureAwait(false);
            }

            Directory.Delete(folder, recursive: true);
            if (removeLogs)
            {
                RunLogs.Remove(definition, isOwnFolder: definition.LogDirectory == DefaultLogDirectory(definition.Name));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpScheduleException(
                $"The schedule '{definition.Name}' was removed from the scheduler, but its files could not be deleted: {exception.Message}", AmpErrorId.SchedulerFailed, "Delete them yourself.", exception)
            {
                ScheduleName = definition.Name,
            };
        }
    }

    private static AmpScheduleException NoHome() => new("The home folder is unknown, so schedules cannot be stored.", AmpErrorId.SchedulerFailed, "Set HOME (LOCALAPPDATA on Windows).");

    private static AmpScheduleException Foreign(string name, string what) => new(
        $"{what} already exists, and was not created by a schedule of this user.", AmpErrorId.ScheduleExists, "Choose another name, or remove it yourself.") { ScheduleName = name };

    // A file without the mark was created by somebody else, or changed so much that it does not belong to the schedule anymore.
    private static void RefuseForeign(string path, string name)
    {
        if (BoundedFile.IsThere(path) && !ContainsMark(path, name))
        {
            throw Foreign(name, $"The file '{path}'");
        }
    }

    private static bool ContainsMark(string path, string name)
    {
        byte[] content = BoundedFile.Read(path);
        return Contains(Encoding.UTF8, Scheduler.Mark(name)) || Contains(Encoding.UTF8, Scheduler.MarkInComment(name)) || Contains(Encoding.Unicode, Scheduler.Mark(name));

        bool Contains(Encoding encoding, string mark) => content.AsSpan().IndexOf(encoding.GetBytes(mark)) >= 0;
    }

    private ScheduleDefinition? Find(string name) => List().FirstOrDefault(schedule => schedule.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static ScheduleDefinition? Read(string folder)
    {
        string path = Path.Combine(folder, DefinitionName);
        try
        {
            return BoundedFile.IsThere(path) && ScheduleDefinition.Parse(BoundedFile.ReadText(path)) is ScheduleDefinition schedule && schedule.Name == Path.GetFileName(folder)
                ? schedule
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // The lock tells whether a run is active, also after the process of a record has got the ID of another one, as in a container that was restarted.
    private (ScheduleRecord? Last, bool IsActive) LastRun(string name)
    {
        string record = Path.Combine(FolderOf(name), RecordName);
        while (true)
        {
            ScheduleRecord? last = ScheduleRecord.Read(record);
            bool isActive = LockFile.IsHeld(Path.Combine(FolderOf(name), RunLockName));

            // A run without an end was killed, unless it ended between the two.
            if (isActive || last is not { Result: null } || last == ScheduleRecord.Read(record))
            {
                return (last, isActive);
            }
        }
    }

    // Until the lock is released, no run starts, and the processes that a killed runner left behind have ended. Somebody who asks whether a run is
    // active has the lock for a moment.
    private async Task<FileStream> HoldRunsAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            FileStream held = await LockFile.TakeAsync(Path.Combine(FolderOf(name), RunLockName), s_patienceWithRuns, cancellationToken).ConfigureAwait(false);
            await OrphanSweep.RunAsync().ConfigureAwait(false);
            return held;
        }
        catch (IOException exception) when (LockFile.IsOther(exception))
        {
            throw Active(name, ScheduleRecord.Read(Path.Combine(FolderOf(name), RecordName)) is { Result: null, Runner: { IsKnown: true, IsGone: false } } active ? active.Runner.Id : null, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpScheduleException(
                $"The lock of the schedule '{name}' cannot be taken: {exception.Message}", AmpErrorId.SchedulerFailed, "Check your permissions for the folder.", exception) { ScheduleName = name };
        }
    }

    // A runner that is killed by force, as by Stop-Process on Linux and macOS, cannot stop its script.
    private static AmpScheduleException Active(string name, int? runner, IOException cause)
    {
        string process = runner is int id ? $" (process {id})" : string.Empty;
        string advice = runner is null ? "Wait until it has ended."
            : OperatingSystem.IsWindows() ? $"Wait until it has ended, or stop it and its processes: taskkill /F /T /PID {runner}"
            : $"Wait until it has ended, or have it stop its processes and exit: sh -c 'kill {runner}'";
        return new AmpScheduleException($"A run of the schedule '{name}' is active{process}.", AmpErrorId.ScheduleActive, advice, cause) { ScheduleName = name };
    }

    // For going back after an error: the caller gets that error, not one of going back.
    private static async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is AmpException or IOException or UnauthorizedAccessException)
        {
            // The caller gets the earlier error.
        }
    }

    // Two registrations at once would each write a crontab without the other's line.
    private async Task<FileStream> ReserveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await LockFile.TakeAsync(Path.Combine(Root, LockName), s_patience, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpScheduleException($"The schedules in '{Root}' cannot be changed: {exception.Message}", AmpErrorId.SchedulerFailed, "Check your permissions for the folder.", exception);
        }
    }
}
