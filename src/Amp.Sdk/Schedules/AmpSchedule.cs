using Amp.Schedules;
using Amp.Text;

namespace Amp;

/// <summary>A script that the system's scheduler starts at given times, with its settings, its last run and its next run.</summary>
public sealed class AmpSchedule
{
    internal AmpSchedule(ScheduleDefinition definition, ScheduleRecord? last, bool isActive, ScheduleState state, string folder, DateTimeOffset now)
    {
        Name = definition.Name;
        Scheduler = definition.Scheduler;
        Trigger = definition.Trigger.ToString();
        ScriptPath = definition.ScriptPath;
        WorkingDirectory = definition.WorkingDirectory;
        ExecutionTimeLimit = definition.TimeLimit;
        LogDirectory = definition.LogDirectory;
        LogLimit = definition.LogLimit;
        ApiKeyName = definition.ApiKeyName;
        Vault = definition.Vault;
        EnvironmentFile = definition.EnvironmentFile;
        Folder = folder;
        RunnerPath = Path.Combine(folder, ScheduleStore.RunnerName);
        SchedulerFile = ReadableList<string>.Of(definition.SchedulerFiles);
        State = isActive ? ScheduleState.Running : state;
        LastRunTime = last?.Start;
        LastResult = last is null ? null : last.Result ?? (isActive ? null : ScheduleResult.Interrupted);
        LastExitCode = last?.ExitCode;
        LastDuration = last?.End - last?.Start;
        LastLog = last?.Log;
        NextRunTime = state is ScheduleState.Ready or ScheduleState.Running ? definition.Trigger.Next(now, definition.Scheduler, SystemTimeZone.Find()).ToLocalTime() : null;
    }

    /// <summary>The name, which is unique for the user.</summary>
    public string Name { get; }

    /// <summary>The scheduler that starts the script.</summary>
    public SchedulerKind Scheduler { get; }

    /// <summary>The start times, in words and in the time zone of the system: <c>Daily at 03:10</c>.</summary>
    public string Trigger { get; }

    /// <summary>Whether the scheduler will start it.</summary>
    public ScheduleState State { get; }

    /// <summary>The start of the last run; null before the first one.</summary>
    public DateTimeOffset? LastRunTime { get; }

    /// <summary>How the last run ended; null before the first one, and while it is active.</summary>
    public ScheduleResult? LastResult { get; }

    /// <summary>The exit code of the script in the last run; null if the script did not exit by itself.</summary>
    public int? LastExitCode { get; }

    /// <summary>The duration of the last run; null if it is not known.</summary>
    public TimeSpan? LastDuration { get; }

    /// <summary>The file with the output of the script in the last run. It may have been removed since then.</summary>
    public string? LastLog { get; }

    /// <summary>The time of the next start, calculated from the trigger; null if the scheduler will not start it.</summary>
    public DateTimeOffset? NextRunTime { get; }

    /// <summary>The script.</summary>
    public string ScriptPath { get; }

    /// <summary>The folder in which the script runs.</summary>
    public string WorkingDirectory { get; }

    /// <summary>The time after which a run is stopped with all its processes.</summary>
    public TimeSpan ExecutionTimeLimit { get; }

    /// <summary>The folder of the logs.</summary>
    public string LogDirectory { get; }

    /// <summary>The number of logs that are kept.</summary>
    public int LogLimit { get; }

    /// <summary>The name of the secret that is the access token; null for none. The secret is read when a run starts.</summary>
    public string? ApiKeyName { get; }

    /// <summary>The vault of the secret; null for the default vault.</summary>
    public string? Vault { get; }

    /// <summary>The file with variables of the run; null for none. It is read when a run starts.</summary>
    public string? EnvironmentFile { get; }

    /// <summary>The folder of the schedule.</summary>
    public string Folder { get; }

    /// <summary>The script that the scheduler starts, which then runs the script of the schedule. You can start it in a terminal, too.</summary>
    public string RunnerPath { get; }

    /// <summary>The files that were written for the scheduler. cron has none: its line is in the crontab of the user.</summary>
    public IReadOnlyList<string> SchedulerFile { get; }

    /// <summary>Returns the name.</summary>
    public override string ToString() => Name;
}

/// <summary>A program of the system that starts others at given times.</summary>
public enum SchedulerKind
{
    /// <summary>Task Scheduler of Windows.</summary>
    TaskScheduler,

    /// <summary>A timer of the user's systemd.</summary>
    Systemd,

    /// <summary>cron.</summary>
    Cron,

    /// <summary>An agent of launchd on macOS.</summary>
    Launchd,
}

/// <summary>The states of a schedule.</summary>
public enum ScheduleState
{
    /// <summary>The scheduler starts it at its next time.</summary>
    Ready,

    /// <summary>A run is active.</summary>
    Running,

    /// <summary>The schedule was disabled or stopped in the scheduler, or its timer has failed.</summary>
    Disabled,

    /// <summary>The scheduler no longer has the schedule.</summary>
    Missing,

    /// <summary>The scheduler could not be asked.</summary>
    Unknown,

    /// <summary>The scheduler would start it, but PowerShell or the runner of the schedule no longer exists. Register it again.</summary>
    Broken,
}

/// <summary>The results of a run of a schedule.</summary>
public enum ScheduleResult
{
    /// <summary>The script exited with 0.</summary>
    Succeeded,

    /// <summary>The script exited with another code.</summary>
    Failed,

    /// <summary>The run reached its time limit and was stopped.</summary>
    TimedOut,

    /// <summary>The script was not started, for example because its access token could not be read. The log contains the reason.</summary>
    NotStarted,

    /// <summary>The run was stopped from outside, or the system was shut down.</summary>
    Interrupted,
}
