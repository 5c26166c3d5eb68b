using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>Makes error records: the exception's stable ID, a category, a target, and what to do about it.</summary>
internal static class AmpErrorRecord
{
    /// <summary>The record of an exception of the SDK.</summary>
    /// <param name="exception">What went wrong.</param>
    /// <param name="otherTarget">The target where the exception itself names none.</param>
    public static ErrorRecord Of(AmpException exception, object? otherTarget = null) => New(exception, TargetOf(exception) ?? otherTarget);

    /// <summary>The record of an exception with a target of the caller's choice, whatever the exception itself names.</summary>
    public static ErrorRecord About(object target, AmpException exception) => New(exception, target);

    private static ErrorRecord New(AmpException exception, object? target)
    {
        ErrorRecord record = new(
            exception, exception.ErrorId, CategoryOf(exception.ErrorId), target)
        {
            // The host shows the advice on a line of its own.
            ErrorDetails = new ErrorDetails(TerminalText.Strip(exception.Message)) { RecommendedAction = exception.RecommendedAction ?? string.Empty },
        };

        // Some error views show the target's text: that of a result is the CLI's, that of a line anything.
        record.CategoryInfo.TargetName = exception is AmpAgentException or AmpOutputException or AmpVerificationException ? record.ErrorDetails.Message : TerminalText.Strip(record.CategoryInfo.TargetName);
        return record;
    }

    private static object? TargetOf(AmpException exception) => exception switch
    {
        AmpAgentException agent => agent.Result,
        AmpOutputException { Result: not null } output => output.Result,
        AmpVerificationException { Result: not null } verification => verification.Result,
        CliNotFoundException missing => missing.Path,
        AmpValidationException invalid => invalid.Value ?? invalid.OptionName,
        AmpJsonException json => json.RawLine,
        _ => exception.ThreadId,
    };

    private static ErrorCategory CategoryOf(string errorId) => errorId switch
    {
        AmpErrorId.CliNotFound or AmpErrorId.ThreadNotFound => ErrorCategory.ObjectNotFound,
        AmpErrorId.CliFailed => ErrorCategory.FromStdErr,
        AmpErrorId.CliTerminated or AmpErrorId.Canceled => ErrorCategory.OperationStopped,
        AmpErrorId.AgentError or AmpErrorId.OutputInvalid or AmpErrorId.OutputMissing or AmpErrorId.VerificationFailed => ErrorCategory.InvalidResult,
        AmpErrorId.MaxTurnsReached or AmpErrorId.BudgetReached or AmpErrorId.QuotaExceeded => ErrorCategory.LimitsExceeded,
        AmpErrorId.Throttled or AmpErrorId.Overloaded => ErrorCategory.ResourceBusy,
        AmpErrorId.InvalidStreamJson => ErrorCategory.ParserError,
        AmpErrorId.Timeout or AmpErrorId.IdleTimeout => ErrorCategory.OperationTimeout,
        AmpErrorId.RulesBypassed => ErrorCategory.SecurityError,
        AmpErrorId.NotAuthenticated => ErrorCategory.AuthenticationError,
        AmpErrorId.ServiceUnreachable => ErrorCategory.ConnectionError,
        AmpErrorId.InvalidOption => ErrorCategory.InvalidArgument,
        AmpErrorId.UnsupportedByCli => ErrorCategory.NotImplemented,
        AmpErrorId.CliOutdated => ErrorCategory.NotInstalled,
        AmpErrorId.SessionBusy => ErrorCategory.ResourceBusy,
        AmpErrorId.SessionEnded or AmpErrorId.ThreadArchived => ErrorCategory.InvalidOperation,
        _ => ErrorCategory.NotSpecified,
    };
}

/// <summary>What can be wrong with a process that somebody names.</summary>
internal static class ProcessError
{
    /// <summary>There is none, or it has nothing to do with a run.</summary>
    public static ErrorRecord NotOfARun(int processId, string parameterName) => AmpErrorRecord.Of(new AmpValidationException(
        $"Process {processId} does not belong to a run, or has ended.", parameterName, "Run Get-AmpProcess to list the processes of runs.", processId));

    /// <summary>The system did not end it, as one that waits for a network drive that is gone.</summary>
    public static ErrorRecord NotEnded(AmpProcess process) => AmpErrorRecord.Of(
        new AmpProcessException(
            $"{process} could not be ended.", AmpErrorId.CliTerminated, "It may belong to another user, or be waiting for a device."),
        process);
}
