using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Callbacks;

/// <summary>Lets a script of the caller decide about tool calls, one at a time, on the pipeline thread.</summary>
internal sealed class ScriptApproval
{
    private readonly ScriptBlock _script;
    private readonly PipelineCalls _calls;

    public ScriptApproval(ScriptBlock script, PipelineCalls calls)
    {
        _script = script;
        _calls = calls;
    }

    /// <exception cref="InvalidOperationException">The script did not return a decision.</exception>
    public Task<ApprovalDecision> DecideAsync(ApprovalRequest request, CancellationToken gone) =>
        _calls.InvokeAsync(cmdlet => Decide(cmdlet, request, gone), gone);

    private ApprovalDecision Decide(AmpCmdlet cmdlet, ApprovalRequest request, CancellationToken gone)
    {
        try
        {
            return DecisionOf(CallerScript.Invoke(cmdlet, _script, request, "The approval script", gone));
        }
        catch (Exception exception) when (exception is not (PipelineStoppedException or OperationCanceledException) && !gone.IsCancellationRequested)
        {
            // Otherwise, the author would think that the script itself rejected the call.
            cmdlet.WriteWarning(TerminalText.Strip(
                $"The approval script failed, so the call of {request.ToolName} was not allowed: {exception.Message}"));
            throw;
        }
    }

    private static ApprovalDecision DecisionOf(IReadOnlyList<PSObject?> output) => output.Count != 1
        ? throw new InvalidOperationException($"the script returned {output.Count} objects instead of one")
        : output[0]?.BaseObject switch
        {
            true => ApprovalDecision.Allow,
            false => ApprovalDecision.Reject(),
            string message => ApprovalDecision.Reject(message),
            ApprovalDecision decision => decision,
            null => throw new InvalidOperationException("the script returned $null"),
            object other => throw new InvalidOperationException(
                $"the script returned an object of type {other.GetType()}; return $true, $false, a string or an [Amp.ApprovalDecision]"),
        };
}
