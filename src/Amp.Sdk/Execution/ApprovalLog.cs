using Amp.Services;
using Amp.Text;

namespace Amp.Execution;

/// <summary>Keeps the approval requests and decisions of a run, safe to show.</summary>
internal sealed class ApprovalLog
{
    private const int LongestInput = 2000;

    private readonly object _lock = new();
    private readonly SecretRedactor _redactor;
    private readonly Action<ToolApproval> _added;
    private readonly Action<ToolApproval> _named;
    private readonly bool _isAsked;
    private readonly OpenCalls _calls = new();
    private readonly List<ToolApproval> _decisions = [];

    // Decisions about calls that the stream has not reported yet, with the input as the CLI reported it.
    private readonly List<(int Index, string Input)> _nameless = [];

    /// <param name="channel">The channel on which the caller is asked; null if there are no approvals.</param>
    /// <param name="redactor">Removes secrets.</param>
    /// <param name="added">Called with each decision when it is recorded.</param>
    /// <param name="named">Called with a decision when its call is identified later.</param>
    public ApprovalLog(ApprovalChannel? channel, SecretRedactor redactor, Action<ToolApproval> added, Action<ToolApproval> named)
    {
        _redactor = redactor;
        _added = added;
        _named = named;
        _isAsked = channel is not null;
        if (channel is not null)
        {
            channel.Decided = Add;
        }
    }

    /// <summary>The decisions so far.</summary>
    public IReadOnlyList<ToolApproval> Decisions
    {
        get
        {
            lock (_lock)
            {
                return [.. _decisions];
            }
        }
    }

    /// <summary>Processes a message in the order of the stream. It identifies the calls of the decisions, if the CLI does not.</summary>
    public void NoteMessage(StreamMessage message)
    {
        if (!_isAsked)
        {
            return;
        }

        lock (_lock)
        {
            // The question may be read before the line with its call.
            if (_calls.Add(message) && _nameless.Count > 0)
            {
                _nameless.RemoveAll(one => TryNameLater(one.Index, one.Input));
            }
        }
    }

    private void Add(ToolApproval decision)
    {
        string input = _redactor.Redact(decision.Input);
        ToolApproval safe = decision with
        {
            Input = TruncatedText.Shown(input, LongestInput),
            Reason = decision.Reason is string reason ? _redactor.Redact(reason) : null,
        };
        lock (_lock)
        {
            int index = _decisions.Count;
            _decisions.Add(safe);
            if (safe.ToolUseId.Length == 0 && !TryName(index, decision.Input))
            {
                _nameless.Add((index, decision.Input));
            }

            safe = _decisions[index];
        }

        _added(safe);
    }

    private bool TryNameLater(int index, string input)
    {
        bool isNamed = TryName(index, input);
        if (isNamed)
        {
            _named(_decisions[index]);
        }

        return isNamed;
    }

    private bool TryName(int index, string input)
    {
        if (_calls.Take(_decisions[index].ToolName, input) is not string id)
        {
            return false;
        }

        _decisions[index] = _decisions[index] with { ToolUseId = id };
        return true;
    }
}
