using System.Diagnostics;
using System.Text;
using Amp.Files;
using Amp.Options;

namespace Amp.Schedules;

/// <summary>
/// The schedules of the user. Each has a private folder with what was registered, the runner, and the record of its last run. A registration
/// happens completely or not at all.
/// </summary>
internal sealed class ScheduleStore
{
    /// <summary>The script that a scheduler starts.</summary>
    public const string RunnerName = "runner.ps1";

    /// <summary>The script of a schedule that was registered as a script block.</summary>
    public const string ScriptName = "script.ps1";

    /// <summary>What was registered.</summary>
    public const string DefinitionName = "schedule.json";

    /// <summary>The record of the last run.</summary>
    public const string RecordName = "last-run.json";

    private const string LockName = ".lock";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

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
            _ => new CronScheduler(programs),
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
            return isHere ? Of(given) : throw new AmpValidationException($"This system has no {given}.", "Scheduler", "Omit it, or choose a scheduler of this system.", given);
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
                "This user has no scheduler: no systemd of the user answers, and 'crontab' was not found on PATH.",
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
            throw new AmpScheduleException($"The schedules below '{Root}' cannot be read: {exception.Message}", AmpErrorId.SchedulerFailed, "Check the access to the folder.", exception);
        }
    }

    /// <summary>Gets a schedule.</summary>
    /// <exception cref="AmpScheduleException">There is none of this name.</exception>
    public ScheduleDefinition Get(string name) => Find(name) ?? throw new AmpScheduleException(
        $"There is no schedule '{TerminalText.Escaped(name)}'.", AmpErrorId.ScheduleNotFound, "List the schedules, and check the name.") { ScheduleName = name };

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

        string folder = FolderOf(definition.Name);
        return new AmpSchedule(definition, ScheduleRecord.Read(Path.Combine(folder, RecordName)), state, folder, DateTimeOffset.Now);
    }

    /// <summary>Registers a schedule.</summary>
    /// <param name="definition">The schedule.</param>
    /// <param name="parts">The files of its folder, by name.</param>
    /// <param name="replace">Whether another schedule of this name is replaced.</param>
    /// <param name="cancellationToken">Cancels the registration, which leaves nothing behind.</param>
    /// <returns>False if the same schedule was registered already, and nothing was changed.</returns>
    /// <exception cref="AmpException">It exists, or cannot be registered. Everything is as before.</exception>
    public async Task<bool> RegisterAsync(
        ScheduleDefinition definition, IReadOnlyDictionary<string, string> parts, bool replace, CancellationToken cancellationToken)
    {
        Scheduler scheduler = Of(definition.Scheduler);
        SchedulerPlan plan = scheduler.Plan(definition);
        definition = definition with { SchedulerFiles = [.. plan.Files.Select(file => file.Path)] };
        FolderChange change = new();
        try
        {
            change.MakeFolder(Root, Private);
            using FileStream owned = await ReserveAsync(cancellationToken).ConfigureAwait(false);
            ScheduleDefinition? existing = Find(definition.Name);
            if (existing is not null && !replace && IsSame(existing, definition, parts)
                && await scheduler.StateAsync(existing, cancellationToken).ConfigureAwait(false) is ScheduleState.Ready)
            {
                return false;
            }

            RefuseExisting(definition, existing, replace);
            if (await scheduler.IsForeignAsync(definition, cancellationToken).ConfigureAwait(false))
            {
                throw Foreign(definition.Name, $"A task '{definition.Name}'");
            }

            foreach (SchedulerFile file in plan.Files)
            {
                RefuseForeign(file.Path, definition.Name);
            }

            await WriteAsync(definition, parts, plan, scheduler, existing, change, cancellationToken).ConfigureAwait(false);
            change.Keep();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpScheduleException(
                $"The schedule '{definition.Name}' could not be written: {exception.Message}", AmpErrorId.SchedulerFailed, "Check the access to the folder. Nothing was left behind.", exception)
            {
                ScheduleName = definition.Name,
            };
        }
        finally
        {
            change.Undo();
            if (Directory.Exists(Root))
            {
                RemoveEmptyRoot();
            }
        }
    }

    /// <summary>Removes a schedule, its files, and what the scheduler knows of it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="removeLogs">Whether its logs are removed too.</param>
    /// <param name="cancellationToken">Cancels the call before anything is deleted.</param>
    /// <exception cref="AmpException">There is none of this name, a run is active, or its files are not the ones that were written.</exception>
    public async Task UnregisterAsync(string name, bool removeLogs, CancellationToken cancellationToken)
    {
        ScheduleDefinition definition = Get(name);
        using FileStream owned = await ReserveAsync(cancellationToken).ConfigureAwait(false);
        string folder = FolderOf(definition.Name);
        if (ScheduleRecord.Read(Path.Combine(folder, RecordName)) is { IsActive: true } active)
        {
            throw new AmpScheduleException(
                $"A run of the schedule '{definition.Name}' is active (process {active.Runner.Id}).", AmpErrorId.ScheduleActive, "Wait for its end, or stop that process.") { ScheduleName = definition.Name };
        }

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
            Directory.Delete(folder, recursive: true);
            if (removeLogs)
            {
                RunLogs.Remove(definition);
            }

            RemoveEmptyRoot();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpScheduleException(
                $"The schedule '{definition.Name}' does not start anymore, but its files could not be deleted: {exception.Message}", AmpErrorId.SchedulerFailed, "Delete them by hand.", exception)
            {
                ScheduleName = definition.Name,
            };
        }
    }

    private static AmpScheduleException NoHome() => new("There is no home folder to keep schedules in.", AmpErrorId.SchedulerFailed, "Set HOME (LOCALAPPDATA on Windows).");

    private static AmpScheduleException Foreign(string name, string what) => new(
        $"{what} exists, and no schedule created it.", AmpErrorId.ScheduleExists, "Choose another name, or remove it by hand.") { ScheduleName = name };

    // What carries no mark was made by somebody else, or changed so much that it is not the schedule's anymore.
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
        string mark = Scheduler.Mark(name);
        return content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(mark)) >= 0 || content.AsSpan().IndexOf(Encoding.Unicode.GetBytes(mark)) >= 0;
    }

    private static void RefuseExisting(ScheduleDefinition definition, ScheduleDefinition? existing, bool replace)
    {
        if (existing is not null && existing.Name != definition.Name)
        {
            throw new AmpScheduleException(
                $"The schedule '{existing.Name}' exists, whose name differs only in case.", AmpErrorId.ScheduleExists, "Use the same name, or remove that schedule.") { ScheduleName = existing.Name };
        }

        if (existing is not null && !replace)
        {
            throw new AmpScheduleException(
                $"The schedule '{existing.Name}' exists, and differs from this one.", AmpErrorId.ScheduleExists, "Choose another name, or replace it.") { ScheduleName = existing.Name };
        }
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

    // The variables of a session change from one to the next.
    private bool IsSame(ScheduleDefinition existing, ScheduleDefinition definition, IReadOnlyDictionary<string, string> parts) =>
        (existing with { Variables = definition.Variables }).ToJson() == definition.ToJson()
        && parts.All(part => Path.Combine(FolderOf(definition.Name), part.Key) is string path && BoundedFile.IsThere(path) && BoundedFile.ReadText(path) == part.Value);

    private async Task WriteAsync(
        ScheduleDefinition definition,
        IReadOnlyDictionary<string, string> parts,
        SchedulerPlan plan,
        Scheduler scheduler,
        ScheduleDefinition? existing,
        FolderChange change,
        CancellationToken cancellationToken)
    {
        string folder = FolderOf(definition.Name);
        change.MakeFolder(folder, Private);
        foreach ((string name, string content) in parts)
        {
            change.Write(Path.Combine(folder, name), Encoding.UTF8.GetBytes(content), WholeFile.OwnerOnly);
        }

        if (!parts.ContainsKey(ScriptName))
        {
            change.Delete(Path.Combine(folder, ScriptName));
        }

        foreach (SchedulerFile file in plan.Files)
        {
            change.MakeFolder(Path.GetDirectoryName(file.Path)!, null);
            change.Write(file.Path, file.ToBytes(), null);
        }

        change.Write(Path.Combine(folder, DefinitionName), Encoding.UTF8.GetBytes(definition.ToJson()), WholeFile.OwnerOnly);
        bool isOther = existing is not null && existing.Scheduler != definition.Scheduler;
        try
        {
            await scheduler.RegisterAsync(definition, cancellationToken).ConfigureAwait(false);
            if (isOther)
            {
                await RemoveOtherAsync(existing!, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is AmpException or OperationCanceledException)
        {
            // The previous registration replaces this one; without one, this one goes.
            if (existing is null || isOther)
            {
                await TryAsync(() => scheduler.UnregisterAsync(definition, CancellationToken.None)).ConfigureAwait(false);
            }

            change.Undo();
            if (existing is null || isOther)
            {
                await TryAsync(() => scheduler.ForgetAsync(definition, CancellationToken.None)).ConfigureAwait(false);
            }

            if (existing is not null)
            {
                await TryAsync(() => Of(existing.Scheduler).RegisterAsync(existing, CancellationToken.None)).ConfigureAwait(false);
            }

            throw;
        }
    }

    private async Task RemoveOtherAsync(ScheduleDefinition existing, CancellationToken cancellationToken)
    {
        Scheduler other = Of(existing.Scheduler);
        await other.UnregisterAsync(existing, cancellationToken).ConfigureAwait(false);
        foreach (string file in existing.SchedulerFiles.Where(file => BoundedFile.IsThere(file) && ContainsMark(file, existing.Name)))
        {
            File.Delete(file);
        }

        await TryAsync(() => other.ForgetAsync(existing, CancellationToken.None)).ConfigureAwait(false);
    }

    // Nothing is done under the lock after this.
    private void RemoveEmptyRoot()
    {
        string lockFile = Path.Combine(Root, LockName);
        if (Directory.EnumerateFileSystemEntries(Root).All(entry => entry == lockFile) && !OperatingSystem.IsWindows())
        {
            File.Delete(lockFile);
            try
            {
                Directory.Delete(Root);
            }
            catch (IOException)
            {
                // Another process has just registered a schedule.
            }
        }
    }

    // On the way back from an error, which is the one that counts.
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
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return ScheduleLock.Take(Path.Combine(Root, LockName));
            }
            catch (IOException) when (waited.Elapsed < s_patience)
            {
                try
                {
                    await Task.Delay(s_pause, cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    throw new AmpCanceledException(cancellationToken);
                }
            }
        }
    }
}

/// <summary>A lock that its process holds until it ends, in whatever way.</summary>
internal static class ScheduleLock
{
    /// <summary>Takes a lock.</summary>
    /// <exception cref="IOException">Another process holds it, or the file cannot be created.</exception>
    public static FileStream Take(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = WholeFile.OwnerOnly;
        }

        return new FileStream(path, options);
    }
}
