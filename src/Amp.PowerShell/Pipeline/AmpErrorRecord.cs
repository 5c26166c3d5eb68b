using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>Creates error records: with the stable ID of the exception, a category, a target, and the recommended action.</summary>
internal static class AmpErrorRecord
{
    /// <summary>Creates the error record for an exception of the SDK.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="otherTarget">The target, if the exception does not have one.</param>
    public static ErrorRecord Of(AmpException exception, object? otherTarget = null) => New(exception, TargetOf(exception) ?? otherTarget);

    /// <summary>Creates the error record with a given target, whatever the exception itself names.</summary>
    public static ErrorRecord About(object target, AmpException exception) => New(exception, target);

    private static ErrorRecord New(AmpException exception, object? target)
    {
        ErrorRecord record = new(
            exception, exception.ErrorId, CategoryOf(exception.ErrorId), target)
        {
            // The host shows the advice on a separate line.
            ErrorDetails = new ErrorDetails(TerminalText.Strip(CommandWords.Message(exception)))
            {
                RecommendedAction = CommandWords.Of(exception.RecommendedAction ?? string.Empty),
            },
        };

        // Some error views show the text of the target: for a result, the CLI's text; for a line, any text.
        record.CategoryInfo.TargetName = exception is AmpAgentException or AmpOutputException or AmpVerificationException ? record.ErrorDetails.Message : TerminalText.Strip(record.CategoryInfo.TargetName);
        return record;
    }

    private static object? TargetOf(AmpException exception) => exception switch
    {
        AmpAgentException agent => agent.Result,
        AmpOutputException { Result: not null } output => output.Result,
        AmpVerificationException { Result: not null } verification => verification.Result,
        AmpCliNotFoundException missing => missing.Path,
        AmpValidationException invalid => invalid.Value ?? CommandWords.Parameter(invalid.OptionName),
        AmpJsonException json => json.RawLine,
        AmpHostException host => host.HostName,
        AmpCheckpointException checkpoint => checkpoint.CheckpointId,
        AmpScheduleException schedule => schedule.ScheduleName,
        _ => exception.ThreadId,
    };

    private static ErrorCategory CategoryOf(string errorId) => errorId switch
    {
        AmpErrorId.CliNotFound or AmpErrorId.ThreadNotFound or AmpErrorId.CheckpointNotFound or AmpErrorId.ScheduleNotFound => ErrorCategory.ObjectNotFound,
        AmpErrorId.CliFailed or AmpErrorId.CheckpointFailed => ErrorCategory.FromStdErr,
        AmpErrorId.CliTerminated or AmpErrorId.Canceled => ErrorCategory.OperationStopped,
        AmpErrorId.AgentError or AmpErrorId.OutputInvalid or AmpErrorId.OutputMissing or AmpErrorId.VerificationFailed => ErrorCategory.InvalidResult,
        AmpErrorId.MaxTurnsReached or AmpErrorId.BudgetReached or AmpErrorId.QuotaExceeded => ErrorCategory.LimitsExceeded,
        AmpErrorId.Throttled or AmpErrorId.Overloaded => ErrorCategory.ResourceBusy,
        AmpErrorId.InvalidStreamJson => ErrorCategory.ParserError,
        AmpErrorId.Timeout or AmpErrorId.IdleTimeout => ErrorCategory.OperationTimeout,
        AmpErrorId.RulesBypassed or AmpErrorId.HostKeyUnknown or AmpErrorId.HostKeyChanged => ErrorCategory.SecurityError,
        AmpErrorId.NotAuthenticated or AmpErrorId.HostLoginRefused => ErrorCategory.AuthenticationError,
        AmpErrorId.ServiceUnreachable or AmpErrorId.HostUnreachable or AmpErrorId.HostConnectionLost => ErrorCategory.ConnectionError,
        AmpErrorId.InvalidOption => ErrorCategory.InvalidArgument,
        AmpErrorId.UnsupportedByCli or AmpErrorId.UnsupportedByHost => ErrorCategory.NotImplemented,
        AmpErrorId.CliOutdated or AmpErrorId.HostShellMissing => ErrorCategory.NotInstalled,
        AmpErrorId.SessionBusy or AmpErrorId.ScheduleActive => ErrorCategory.ResourceBusy,
        AmpErrorId.ScheduleExists => ErrorCategory.ResourceExists,
        AmpErrorId.SchedulerFailed => ErrorCategory.OpenError,
        AmpErrorId.ReplayMismatch => ErrorCategory.ObjectNotFound,
        AmpErrorId.NotReplayed => ErrorCategory.NotImplemented,
        AmpErrorId.SessionEnded or AmpErrorId.ThreadArchived or AmpErrorId.CheckpointConflict => ErrorCategory.InvalidOperation,
        _ => ErrorCategory.NotSpecified,
    };
}

/// <summary>The errors for a process that the user names.</summary>
internal static class ProcessError
{
    /// <summary>The process does not exist, or does not belong to a run.</summary>
    public static ErrorRecord NotOfARun(int processId, string parameterName) => AmpErrorRecord.Of(new AmpValidationException(
        $"Process {processId} does not belong to a run, or has exited.", parameterName, "Run Get-AmpProcess to list the processes of runs.", processId));

    /// <summary>The system did not end the process, for example while it waits for a disconnected network drive.</summary>
    public static ErrorRecord NotEnded(AmpProcess process) => AmpErrorRecord.Of(
        new AmpProcessException(
            $"{process} could not be stopped.", AmpErrorId.CliTerminated, "It may belong to another user, or be waiting for a device."),
        process);
}
