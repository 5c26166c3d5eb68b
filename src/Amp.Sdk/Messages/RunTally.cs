using System.Runtime.CompilerServices;
using Amp.Json;
using Amp.Permissions;
using Amp.Tools;

namespace Amp.Messages;

/// <summary>
/// Counts the tokens, tool calls, denials and files of a run while its lines are parsed. It keeps no message, and only those tool calls,
/// with their lines, whose results have not arrived.
/// </summary>
internal sealed class RunTally
{
    // If a run is denied the same call repeatedly, the first denials are sufficient.
    private const int MostKept = 1000;

    // A denial contains the input of the call, unless its line is too long to be kept.
    private const int LongestLine = 1024 * 1024;

    private readonly RejectMessages _rejectMessages;
    private readonly RunSummary _earlier;
    private readonly Dictionary<string, PendingCall> _pendingTools = new(StringComparer.Ordinal);
    private readonly List<ToolDenial> _denials = [];
    private readonly List<string> _files = [];
    private readonly HashSet<string> _knownFiles = new(StringComparer.Ordinal);
    private readonly StepCounter _steps = new();
    private int _toolUseCount;
    private int _turns;
    private bool _endsWithToolUse;
    private int _pendingWrites;
    private ResultLine? _result;

    /// <param name="rejectMessages">The messages of the run's rules for rejected calls.</param>
    /// <param name="earlier">What the earlier tries of the run add to its summary (<see cref="Conclude"/>); null for none.</param>
    public RunTally(RejectMessages rejectMessages, RunSummary? earlier = null)
    {
        _rejectMessages = rejectMessages;
        _earlier = earlier ?? RunSummary.None;
    }

    /// <summary>The calls without a result so far.</summary>
    public UnansweredCalls Unanswered => _pendingTools.Count == 0 ? UnansweredCalls.None
        : _pendingWrites == _pendingTools.Count ? UnansweredCalls.OnlyWrites
        : UnansweredCalls.Some;

    /// <summary>The usage of the last message.</summary>
    public StepCount Step { get; private set; }

    /// <summary>The calls that the last message denied; null for none.</summary>
    public List<string>? LastDenied { get; private set; }

    /// <summary>
    /// The calls that the next message denies, if a transcript says so: its reader does not know the words of the rules. Null to find out.
    /// </summary>
    public IReadOnlyCollection<string>? KnownDenied { get; set; }

    /// <summary>Adds the facts of a message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(bool isSubagent, StepFacts facts, in MessageEnvelope envelope)
    {
        string type = envelope.Type;
        Step = default;
        LastDenied = null;
        if (type == "assistant")
        {
            Step = _steps.Add(isSubagent, facts);
            _turns += Step.IsTurn ? 1 : 0;
            foreach (StepFacts.ToolUse use in facts.ToolUses)
            {
                _toolUseCount++;
                if (_pendingTools.Count < MostKept)
                {
                    Forget(use.Id);
                    _pendingWrites += KnownTools.OnlyWrites(use.Name) ? 1 : 0;
                    _pendingTools[use.Id ?? string.Empty] = new PendingCall(
                        use.Name ?? string.Empty, envelope.Line.Length <= LongestLine ? envelope.Line : null, envelope.Start);
                }

                AddFile(use.File);
                foreach (string file in use.PatchText is string patch ? PatchFiles.In(patch) : [])
                {
                    // The result contains their full names, if there is one.
                    AddFile(CallView.Absolute(file, envelope.Start?.Cwd));
                }
            }

            // A subagent writes while the main agent waits for it.
            _endsWithToolUse = isSubagent ? _endsWithToolUse : facts.ToolUses.Count > 0;
        }
        else if (type == "user")
        {
            foreach (StepFacts.ToolResult result in facts.ToolResults)
            {
                PendingCall called = Forget(result.ToolUseId);
                string tool = called.Tool ?? string.Empty;
                foreach (string file in result.Told is string told && KnownTools.Find(tool)?.Kind == ToolKind.Write ? ResultFiles.In(told) : [])
                {
                    AddFile(file);
                }

                string text = result.Refusal ?? string.Empty;
                bool isDenied = KnownDenied?.Contains(result.ToolUseId ?? string.Empty)
                    ?? (result.Refusal is not null && (!result.IsError || DenialWords.Tell(tool, text, _rejectMessages)));
                if (!isDenied)
                {
                    continue;
                }

                (LastDenied ??= []).Add(result.ToolUseId ?? string.Empty);
                if (_denials.Count < MostKept)
                {
                    _denials.Add(new ToolDenial(tool, text) { ToolUseId = result.ToolUseId, Call = called.Find(result.ToolUseId) });
                }
            }

            _endsWithToolUse &= facts.ToolResults.Count == 0;
        }
    }

    private PendingCall Forget(string? toolUseId)
    {
        if (_pendingTools.Remove(toolUseId ?? string.Empty, out PendingCall called))
        {
            _pendingWrites -= KnownTools.OnlyWrites(called.Tool) ? 1 : 0;
        }

        return called;
    }

    /// <summary>Keeps the result, which can report more than the messages.</summary>
    public void NoteResult(ResultLine line) => _result = line;

    /// <summary>Gets the totals so far, with those of the earlier tries.</summary>
    public RunSummary Summarize() => new(
        _steps.Usage == default ? null : new TokenUsage(_steps.Usage),
        Joined(_earlier.Denials, _denials.Count, _earlier.Denials.Concat(_denials)),
        _earlier.ToolUseCount + _toolUseCount,
        Joined(_earlier.FilesTouched, _files.Count, _earlier.FilesTouched.Union(_files)),
        _endsWithToolUse)
    {
        Unanswered = Joined(
            _earlier.Unanswered,
            _pendingTools.Count,
            _earlier.Unanswered.Concat(_pendingTools.Select(call => (call.Key, call.Value.Tool ?? string.Empty)))),
        EarlierUsage = _earlier.EarlierUsage,
        EarlierTurns = _earlier.EarlierTurns,
        EarlierCost = _earlier.EarlierCost,
    };

    /// <summary>Gets the totals of a try that has ended, for the summary of the next one.</summary>
    public RunSummary Conclude()
    {
        RunSummary summary = Summarize();

        // The same rule as for limits of use: what the messages have not reported.
        StepUsage told = _result?.Body.Usage?.ToStep() ?? default;
        return summary with
        {
            EarlierUsage = summary.EarlierUsage.Plus(_steps.Usage).Plus(told.Beyond(_steps.Usage)),
            EarlierTurns = Math.Max(summary.EarlierTurns, _result?.Turns ?? (summary.EarlierTurns + _turns)),
            EarlierCost = _result is ResultLine line ? line.Cost : summary.EarlierCost,
        };
    }

    // A transcript from elsewhere can contain very many tries, so a list is copied only if the try adds to it.
    private static IReadOnlyList<T> Joined<T>(IReadOnlyList<T> earlier, int added, IEnumerable<T> all) =>
        added == 0 || earlier.Count >= MostKept ? earlier : [.. all.Take(MostKept)];

    private void AddFile(string? file)
    {
        if (!string.IsNullOrEmpty(file) && _files.Count < MostKept && _knownFiles.Add(file))
        {
            _files.Add(file);
        }
    }

    // Only a denied call is read.
    private readonly record struct PendingCall(string? Tool, byte[]? Line, SystemMessage? Start)
    {
        public ToolUseContent? Find(string? id) => Line is null
            ? null
            : ConversationBody.Read(JsonText.Open(Line), Start).Content.OfType<ToolUseContent>().FirstOrDefault(call => call.Id == id);
    }
}

/// <summary>
/// The totals of a run's messages when its result arrives. If the run has several tries, everything but the usage and the last call is that of all tries.
/// </summary>
internal sealed record RunSummary(
    TokenUsage? Usage,
    IReadOnlyList<ToolDenial> Denials,
    int ToolUseCount,
    IReadOnlyList<string> FilesTouched,
    bool EndsWithToolUse)
{
    /// <summary>The summary of no messages.</summary>
    public static RunSummary None { get; } = new(null, [], 0, [], EndsWithToolUse: false);

    /// <summary>The calls without a result, with the names of their tools.</summary>
    public IReadOnlyList<(string Id, string Tool)> Unanswered { get; init; } = [];

    /// <summary>The usage of the earlier tries.</summary>
    public StepUsage EarlierUsage { get; init; }

    /// <summary>The requests to the model in the earlier tries.</summary>
    public long EarlierTurns { get; init; }

    /// <summary>The cost of the earlier tries in US dollars; null if none of them reported one.</summary>
    public decimal? EarlierCost { get; init; }
}

/// <summary>The kinds of tool calls without a result.</summary>
internal enum UnansweredCalls
{
    None,

    /// <summary>Only calls that write a file, which takes no time.</summary>
    OnlyWrites,

    /// <summary>Calls that can take any time.</summary>
    Some,
}
