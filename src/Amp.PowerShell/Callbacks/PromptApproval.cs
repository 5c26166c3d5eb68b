using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Callbacks;

/// <summary>Asks the user of the host about tool calls: yes, yes to all calls of the run, no, no to all calls of the run.</summary>
internal sealed class PromptApproval
{
    // Nobody reads more than a few screens. For a longer call, the beginning, the end and the length are shown.
    private const int LongestShown = 8000;

    private readonly PipelineCalls _calls;
    private bool _yesToAll;
    private bool _noToAll;

    public PromptApproval(PipelineCalls calls) => _calls = calls;

    /// <exception cref="Exception">The host cannot prompt.</exception>
    public Task<ApprovalDecision> DecideAsync(ApprovalRequest request, CancellationToken gone) =>
        _calls.InvokeAsync(cmdlet => Ask(cmdlet, request), gone);

    private ApprovalDecision Ask(AmpCmdlet cmdlet, ApprovalRequest request) =>
        cmdlet.ShouldContinue($"{request.ToText(LongestShown)}\n(in {request.WorkingDirectory.ReplaceLineEndings(" ")}{(request.HostName is string host ? $" on {TerminalText.Strip(host)}" : string.Empty)})", $"Let the agent use {TerminalText.Strip(request.ToolName)}?", ref _yesToAll, ref _noToAll)
            ? ApprovalDecision.Allow
            : ApprovalDecision.Reject();
}
