using System.Collections.Concurrent;
using Amp.Plans;
using Amp.Processes;
using Amp.Tools;
using Amp.Transports;

namespace Amp.Execution;

/// <summary>
/// Detects that a run is no longer bound to its approvals and rules. The agent's commands run as this user, so they can write the files by
/// which the CLI asks and decides. This class detects changes of these files, and calls without a required decision.
/// </summary>
internal sealed class BypassCheck
{
    private readonly HeldCalls _held;
    private readonly RunFolder? _folder;
    private readonly Func<IReadOnlyList<HostFile>> _changedSettings;

    // Only consent: a rejected call does not run, so the decision would stay and cover another call.
    private readonly ConcurrentDictionary<string, bool> _allowed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _unnamed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _due = new(StringComparer.Ordinal);

    /// <param name="held">What restricts the calls of the run.</param>
    /// <param name="folder">Its private folder; null if it has none.</param>
    /// <param name="changedSettings">Returns the settings on another machine that have changed.</param>
    public BypassCheck(HeldCalls held, RunFolder? folder, Func<IReadOnlyList<HostFile>> changedSettings)
    {
        _changedSettings = changedSettings;
        _held = held;
        _folder = folder;
    }

    /// <summary>What was detected, in words; null for nothing.</summary>
    public string? Found { get; private set; }

    /// <summary>Records a decision. It is made before the CLI gets it, and therefore before the call has a result.</summary>
    public void NoteDecision(ToolApproval decision)
    {
        // An answer that is said not to have reached the CLI may still have, so what was allowed stays allowed.
        if (!decision.IsAllowed)
        {
            return;
        }

        if (decision.ToolUseId.Length > 0)
        {
            _allowed[decision.ToolUseId] = true;
        }
        else
        {
            CountUnnamed(decision.ToolName, 1);
        }
    }

    /// <summary>Records that the call of a decision is known, which was not when the decision was made.</summary>
    public void NoteCall(ToolApproval decision)
    {
        if (decision.IsAllowed)
        {
            // On another thread, the decision itself may be recorded after this.
            CountUnnamed(decision.ToolName, -1);
            NoteDecision(decision);
        }
    }

    /// <summary>Processes a message in the order of the stream.</summary>
    /// <returns>Whether the run must end.</returns>
    public bool NoteMessage(StreamMessage message)
    {
        if (Found is not null || !_held.HoldsCalls)
        {
            return false;
        }

        switch (message)
        {
            // It was not observed on every CLI how a question names the calls of another agent.
            case AssistantMessage { CallsTool: true, ParentToolUseId: null } said when _held.Asks:
                foreach (ToolUseContent call in said.ToolUse.Where(call => call.Id is not null && _held.NeedsDecision(call.Name, call.Kind)))
                {
                    _due[call.Id!] = call.Name!;
                }

                break;
            case UserMessage answered:
                Found = answered.ToolResult.Select(result => Undecided(result, answered.Denied)).FirstOrDefault(found => found is not null) ?? Changed(isEnd: false);
                break;
        }

        return Found is not null;
    }

    /// <summary>
    /// Checks the run's files when its result arrives, and again when the CLI has exited: without the program by which it asks, it may exit
    /// before it reports the result of the call that deleted the program.
    /// </summary>
    /// <returns>Whether the run must end.</returns>
    public bool NoteEnd()
    {
        if (Found is null && _held.HoldsCalls)
        {
            Found = Changed(isEnd: true);
        }

        return Found is not null;
    }

    private string? Undecided(ToolResultContent result, IReadOnlyList<string>? denied) =>
        result.ToolUseId is not string id || !_due.Remove(id, out string? tool) || result.IsError || _allowed.ContainsKey(id) || denied?.Contains(id) == true
            || TakeUnnamed(KnownTools.AskedAs(tool))
            ? null
            : $"The agent used {TerminalText.Strip(tool)} (call {TerminalText.Strip(id)}) without an approval";

    private bool TakeUnnamed(string tool)
    {
        if (!_unnamed.TryGetValue(tool, out int count) || count <= 0)
        {
            return false;
        }

        CountUnnamed(tool, -1);
        return true;
    }

    private void CountUnnamed(string tool, int change) => _unnamed.AddOrUpdate(tool, change, (_, count) => count + change);

    private string? Changed(bool isEnd) => _folder?.ChangedFile() is string file
        ? $"The file '{Path.GetFileName(file)}', which decides about the calls of the run, was changed"
        : _held.Loosened(_changedSettings(), isEnd);
}
