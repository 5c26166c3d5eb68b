using System.Collections.Immutable;
using Amp.Approval;

namespace Amp.Execution;

/// <summary>Keeps what the caller was asked during a run, safe to show.</summary>
internal sealed class ApprovalLog
{
    private const int LongestInput = 2000;

    private readonly SecretRedactor _redactor;
    private readonly Action<ToolApproval> _added;
    private ImmutableList<ToolApproval> _decisions = [];

    /// <param name="channel">Where the caller is asked; null where nobody is.</param>
    /// <param name="redactor">Takes secrets out.</param>
    /// <param name="added">Called with each decision when it is kept.</param>
    public ApprovalLog(ApprovalChannel? channel, SecretRedactor redactor, Action<ToolApproval> added)
    {
        _redactor = redactor;
        _added = added;
        if (channel is not null)
        {
            channel.Decided = Add;
        }
    }

    /// <summary>The decisions until now.</summary>
    public IReadOnlyList<ToolApproval> Decisions => _decisions;

    private void Add(ToolApproval decision)
    {
        string input = _redactor.Redact(decision.Input);
        ToolApproval safe = decision with
        {
            Input = input.Length <= LongestInput ? input : input[..LongestInput] + "…",
            Reason = decision.Reason is string reason ? _redactor.Redact(reason) : null,
        };
        ImmutableInterlocked.Update(ref _decisions, static (all, one) => all.Add(one), safe);
        _added(safe);
    }
}
