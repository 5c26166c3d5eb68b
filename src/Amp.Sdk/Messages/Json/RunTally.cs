namespace Amp.Messages.Json;

/// <summary>
/// Keeps count over a run's messages in passing: tokens, tool calls, denials, files. It holds on to no message, and of tool calls
/// only to those whose results have not come yet.
/// </summary>
internal sealed class RunTally
{
    // Of a run that is denied the same thing over and over, the first ones tell enough.
    private const int MostKept = 1000;

    private readonly Dictionary<string, string> _pendingTools = new(StringComparer.Ordinal);
    private readonly List<ToolDenial> _denials = [];
    private readonly List<string> _files = [];
    private readonly HashSet<string> _knownFiles = new(StringComparer.Ordinal);
    private StepUsage _usage;
    private int _toolUseCount;
    private int _assistantCount;
    private bool _endsWithToolUse;

    /// <summary>Takes what one message told.</summary>
    public void Add(string type, bool isSubagent, StepFacts facts)
    {
        if (type == "assistant")
        {
            _usage = _usage.Plus(facts.Usage);
            _assistantCount++;
            foreach (StepFacts.ToolUse use in facts.ToolUses)
            {
                _toolUseCount++;
                _pendingTools[use.Id ?? string.Empty] = use.Name ?? string.Empty;
                if (use.File is string file && _files.Count < MostKept && _knownFiles.Add(file))
                {
                    _files.Add(file);
                }
            }

            // A subagent speaks while the main one waits for it.
            _endsWithToolUse = isSubagent ? _endsWithToolUse : facts.ToolUses.Count > 0;
        }
        else if (type == "user")
        {
            foreach (StepFacts.ToolResult result in facts.ToolResults)
            {
                _pendingTools.Remove(result.ToolUseId ?? string.Empty, out string? tool);
                if (result.Denial is string reason && _denials.Count < MostKept)
                {
                    _denials.Add(new ToolDenial(tool ?? string.Empty, reason));
                }
            }

            _endsWithToolUse &= facts.ToolResults.Count == 0;
        }
    }

    public RunSummary Summarize() => new(
        _usage == default ? null : new Usage(_usage), [.. _denials], _toolUseCount, [.. _files], _assistantCount, _endsWithToolUse);
}

/// <summary>What a run's messages added up to when its result came.</summary>
internal sealed record RunSummary(
    Usage? Usage,
    IReadOnlyList<ToolDenial> Denials,
    int ToolUseCount,
    IReadOnlyList<string> FilesTouched,
    int AssistantCount,
    bool EndsWithToolUse);
