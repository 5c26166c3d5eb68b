using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

/// <summary>What can be wrong with a process that somebody names.</summary>
internal static class ProcessError
{
    /// <summary>There is none, or it has nothing to do with a run.</summary>
    public static ErrorRecord NotOfARun(int processId, string parameterName) => AmpErrorRecord.Of(new AmpValidationException(
        $"Process {processId} is not one of a run, or has ended.", parameterName, "Get-AmpProcess lists those of runs.", processId));

    /// <summary>The system did not end it, as one that waits for a network drive that is gone.</summary>
    public static ErrorRecord NotEnded(AmpProcess process) => AmpErrorRecord.Of(
        new AmpProcessException(
            $"{process} could not be ended.", AmpErrorId.CliTerminated, "Look at what it waits for; it may be another user's."),
        process);
}
