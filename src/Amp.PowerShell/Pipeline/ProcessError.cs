using System.Management.Automation;

namespace Amp.PowerShell.Pipeline;

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
