using Amp.Budgets;
using Amp.Messages;
using Amp.Options;
using Amp.Plans;
using Amp.Text;

namespace Amp.Execution;

/// <summary>
/// The account of one run: its tally, the decisions of the caller, its limits and its rules. It reads each message and completes the result.
/// </summary>
internal sealed class RunAccount : IRunAccount
{
    private readonly RunRole _role;
    private readonly SecretRedactor _redactor;
    private readonly ApprovalLog _approvals;
    private readonly RunStop _stop;
    private readonly bool _isConversation;
    private readonly RunSurroundings _surroundings;
    private readonly Action<string> _warn;
    private bool _hasStarted;

    /// <param name="surroundings">The open services and files of the run.</param>
    /// <param name="role">The role of the run.</param>
    /// <param name="stop">Stops the run.</param>
    /// <param name="warn">Gets warnings for the caller.</param>
    /// <param name="decided">Called with each decision of the caller.</param>
    public RunAccount(RunSurroundings surroundings, RunRole role, RunStop stop, Action<string> warn, Action<ToolApproval> decided)
    {
        RunPlan plan = surroundings.Plan;
        _role = role;
        _stop = stop;
        _surroundings = surroundings;
        _warn = warn;
        _redactor = surroundings.Redactor;

        // A replay that allows differences can have an answer to fewer messages.
        _isConversation = plan.Input.IsOpen && !role.IsSession && !plan.Transport.IsReplay;
        Tally = new RunTally(plan.Settings.RejectMessages, role.Earlier);
        Bypass = new BypassCheck(plan.Settings.Held, surroundings.Folder, () => surroundings.ChangedSettings);
        Answers = new AnswerCheck(surroundings, role.IsSession, () => stop.Request(StopReason.OutputInvalid));
        Budget = RunBudgets.Meter(plan.Options, warn);
        _approvals = new ApprovalLog(
            surroundings.Approvals,
            _redactor,
            decision =>
            {
                Bypass.NoteDecision(decision);
                decided(decision);
            },
            Bypass.NoteCall);
    }

    /// <summary>Counts the messages.</summary>
    public RunTally Tally { get; }

    /// <summary>Decides whether the agent has completed its task.</summary>
    public AnswerCheck Answers { get; }

    /// <summary>Detects that the run is no longer held to its rules.</summary>
    public BypassCheck Bypass { get; }

    /// <summary>Counts the run on its limits of use; null if it has none.</summary>
    public BudgetMeter? Budget { get; }

    /// <summary>Whether the CLI returned a successful result although the caller had not ended the conversation.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The decisions of the caller so far, with those of the previous tries.</summary>
    public IReadOnlyList<ToolApproval> Approvals => ReadableList<ToolApproval>.Of([.. _role.Approvals, .. _approvals.Decisions]);

    /// <summary>Reads a message, in the order of the stream.</summary>
    public void NoteMessage(StreamMessage message)
    {
        if (!_hasStarted && message is SystemMessage { Subtype: "init" } start)
        {
            _hasStarted = true;
            if (!_role.HasBegun && _surroundings.ServerWarning(start) is string warning)
            {
                _warn(warning);
            }
        }

        _approvals.NoteMessage(message);
        Answers.NoteMessage(message);
        if (message is AssistantMessage said && Budget?.Note(said, Tally.Step) == true)
        {
            _stop.Request(StopReason.BudgetReached);
        }

        if (Bypass.NoteMessage(message))
        {
            _stop.Request(StopReason.RulesBypassed);
        }
    }

    /// <inheritdoc/>
    public TurnEnd? EndTurn(string? sessionId) => Answers.EndTurn(sessionId);

    /// <inheritdoc/>
    public ResultFacts Complete(ResultLine line)
    {
        if (Budget?.NoteResult(line) == true)
        {
            _stop.Request(StopReason.BudgetReached);
        }

        if (Bypass.NoteEnd())
        {
            _stop.Request(StopReason.RulesBypassed);
        }

        // What is missing in the answer, or was not verified, has an error of its own.
        IsCut = _isConversation && !line.IsError && !_stop.IsInputDone && _stop.Reason == StopReason.None && Answers.Outcome is null;
        (object? output, string? json) = Answers.Output;
        return new ResultFacts
        {
            Outcome = Outcome(line.IsError, isUndone: line.IsError || !_stop.IsInputDone),
            Approvals = Approvals,
            Output = output,
            OutputJson = json,
            Verifications = Answers.Verifications,
            Retries = _role.Retries,
            Changes = _role.Checkpoint?.Changes,
            Redactor = _redactor,
        };
    }

    private ResultOutcome? Outcome(bool isError, bool isUndone) => _stop.Reason switch
    {
        _ when Bypass.Found is not null => ResultOutcome.Failed,
        StopReason.OutputInvalid => ResultOutcome.OutputInvalid,
        StopReason.Canceled when isError && _role.IsLate() => ResultOutcome.TimedOut,
        StopReason.Canceled => ResultOutcome.Canceled,
        StopReason.BudgetReached when isUndone => ResultOutcome.BudgetReached,
        StopReason.InputFailed when _stop.InputFailure?.SourceException is AmpBudgetException => ResultOutcome.BudgetReached,
        StopReason.InputFailed when !_role.IsSession => ResultOutcome.Failed,
        StopReason.ServiceLost when isUndone => ResultOutcome.Failed,
        StopReason.QuestionUnanswered when isUndone => ResultOutcome.Denied,
        StopReason.Timeout or StopReason.IdleTimeout when isUndone => ResultOutcome.TimedOut,
        _ when IsCut => ResultOutcome.Failed,
        _ => isError ? null : Answers.Outcome,
    };
}
