namespace Amp;

/// <summary>The stable IDs of errors. PowerShell shows them as the error ID, and scripts can rely on them.</summary>
public static class AmpErrorId
{
    /// <summary>The Amp CLI, or a program that it requires, was not found, cannot be executed, or is another program.</summary>
    public const string CliNotFound = nameof(CliNotFound);

    /// <summary>The CLI exited with its own error, or without the result that every run ends with.</summary>
    public const string CliFailed = nameof(CliFailed);

    /// <summary>The CLI was terminated by a signal, for example by the system's out-of-memory killer.</summary>
    public const string CliTerminated = nameof(CliTerminated);

    /// <summary>The run ended with an error result.</summary>
    public const string AgentError = nameof(AgentError);

    /// <summary>The run ended because the agent reached its maximum number of turns.</summary>
    public const string MaxTurnsReached = nameof(MaxTurnsReached);

    /// <summary>A line started as JSON but is invalid or longer than allowed.</summary>
    public const string InvalidStreamJson = nameof(InvalidStreamJson);

    /// <summary>The run exceeded its time limit.</summary>
    public const string Timeout = nameof(Timeout);

    /// <summary>The CLI wrote nothing for longer than allowed.</summary>
    public const string IdleTimeout = nameof(IdleTimeout);

    /// <summary>The run was canceled.</summary>
    public const string Canceled = nameof(Canceled);

    /// <summary>No API key was found, or the service does not accept it.</summary>
    public const string NotAuthenticated = nameof(NotAuthenticated);

    /// <summary>The CLI could not reach the Amp service.</summary>
    public const string ServiceUnreachable = nameof(ServiceUnreachable);

    /// <summary>The value of an option or parameter cannot be used.</summary>
    public const string InvalidOption = nameof(InvalidOption);

    /// <summary>The installed CLI does not support a requested option.</summary>
    public const string UnsupportedByCli = nameof(UnsupportedByCli);

    /// <summary>SSH on this machine does not know the key of the host, so it could be any host.</summary>
    public const string HostKeyUnknown = nameof(HostKeyUnknown);

    /// <summary>The key of the host does not match the one that SSH on this machine knows.</summary>
    public const string HostKeyChanged = nameof(HostKeyChanged);

    /// <summary>The host does not accept the user or the key. SSH never asks for a password.</summary>
    public const string HostLoginRefused = nameof(HostLoginRefused);

    /// <summary>The host does not exist, cannot be reached, or does not answer in time.</summary>
    public const string HostUnreachable = nameof(HostUnreachable);

    /// <summary>The connection to the host was lost during the run. The run is stopped there.</summary>
    public const string HostConnectionLost = nameof(HostConnectionLost);

    /// <summary>The host has no POSIX shell for this user, or no folder for the files of a run.</summary>
    public const string HostShellMissing = nameof(HostShellMissing);

    /// <summary>The option or command works on this machine only, and not on the specified host.</summary>
    public const string UnsupportedByHost = nameof(UnsupportedByHost);

    /// <summary>No record or mock of the active replay answers the run, or the run differs from its record.</summary>
    public const string ReplayMismatch = nameof(ReplayMismatch);

    /// <summary>The command is not a run of the agent, so a replay cannot answer it.</summary>
    public const string NotReplayed = nameof(NotReplayed);

    /// <summary>
    /// A tool was used without the required approval, or the agent or another program changed the files that decide about calls during the
    /// run.
    /// </summary>
    public const string RulesBypassed = nameof(RulesBypassed);

    /// <summary>The thread to continue does not exist, or does not belong to the user.</summary>
    public const string ThreadNotFound = nameof(ThreadNotFound);

    /// <summary>The thread to continue is archived, and the CLI does not continue archived threads.</summary>
    public const string ThreadArchived = nameof(ThreadArchived);

    /// <summary>The Amp service no longer supports this version of the CLI.</summary>
    public const string CliOutdated = nameof(CliOutdated);

    /// <summary>The run ended without the requested structured answer.</summary>
    public const string OutputMissing = nameof(OutputMissing);

    /// <summary>The answers of the run do not match the requested schema.</summary>
    public const string OutputInvalid = nameof(OutputInvalid);

    /// <summary>Your verification of the work never succeeded.</summary>
    public const string VerificationFailed = nameof(VerificationFailed);

    /// <summary>The service or the model's provider temporarily accepts no more requests.</summary>
    public const string Throttled = nameof(Throttled);

    /// <summary>The model's provider is overloaded.</summary>
    public const string Overloaded = nameof(Overloaded);

    /// <summary>The quota of the account is exceeded. A retry fails until the quota is renewed.</summary>
    public const string QuotaExceeded = nameof(QuotaExceeded);

    /// <summary>The agent is still working on the session's previous message.</summary>
    public const string SessionBusy = nameof(SessionBusy);

    /// <summary>The session has ended and accepts no more messages.</summary>
    public const string SessionEnded = nameof(SessionEnded);

    /// <summary>A limit of tokens, turns, tool uses or cost was reached. The run was stopped, or was not started.</summary>
    public const string BudgetReached = nameof(BudgetReached);

    /// <summary>There is no checkpoint of this ID in the folder.</summary>
    public const string CheckpointNotFound = nameof(CheckpointNotFound);

    /// <summary>The state of the folder could not be read, kept or restored.</summary>
    public const string CheckpointFailed = nameof(CheckpointFailed);

    /// <summary>Files were edited after the run of a checkpoint, cannot be read, or are in the way of its files, so it was not restored.</summary>
    public const string CheckpointConflict = nameof(CheckpointConflict);

    /// <summary>There is no schedule of this name.</summary>
    public const string ScheduleNotFound = nameof(ScheduleNotFound);

    /// <summary>A different schedule of this name exists, or something that was not created by a schedule has its name.</summary>
    public const string ScheduleExists = nameof(ScheduleExists);

    /// <summary>A run of the schedule is active.</summary>
    public const string ScheduleActive = nameof(ScheduleActive);

    /// <summary>The scheduler of the system is missing, refused a schedule, or did not answer.</summary>
    public const string SchedulerFailed = nameof(SchedulerFailed);
}
