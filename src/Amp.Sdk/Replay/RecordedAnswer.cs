using System.Diagnostics;
using Amp.Processes;
using Amp.Tools;
using Amp.ToolServer;

namespace Amp.Replay;

/// <summary>Plays one try of a recorded run: its lines in their order. The caller's tools are called and the caller is asked, as during the recorded run.</summary>
/// <param name="record">The recorded run.</param>
/// <param name="entries">The entries of the try.</param>
/// <param name="replay">Whether differences matter, and whether to keep the times of the record.</param>
internal sealed class RecordedAnswer(RunRecord record, IReadOnlyList<TranscriptEntry> entries, AmpReplay replay) : IReplayAnswer
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private bool _hasInputs;
    private bool _isFirst = true;
    private bool _isIdle;

    /// <inheritdoc/>
    public async Task<ProcessExit> PlayAsync(ReplayStage stage, string message)
    {
        _hasInputs = entries.Any(entry => entry.Kind == TranscriptEntryKind.Input);
        bool isOver = false;
        for (int i = 0; i < entries.Count; i++)
        {
            TranscriptEntry entry = entries[i];
            if (isOver && entry.Message is not ResultMessage && entry.End is null)
            {
                continue;
            }

            await WaitAsync(entry, stage.CancellationToken).ConfigureAwait(false);
            switch (entry.Kind)
            {
                case TranscriptEntryKind.Message:
                    await EndInputAsync(stage, entry.Message!).ConfigureAwait(false);
                    await stage.WriteAsync(entry.Message!).ConfigureAwait(false);
                    await FollowAsync(stage, entry.Message!, i).ConfigureAwait(false);
                    isOver |= await EndsConversationAsync(stage, entry.Message!, i).ConfigureAwait(false);
                    break;
                case TranscriptEntryKind.OutputText:
                    await stage.WriteAsync(entry.Text!).ConfigureAwait(false);
                    break;
                case TranscriptEntryKind.InvalidLine when entry.Error!.RawLine is string raw:
                    await stage.WriteAsync(raw).ConfigureAwait(false);
                    break;
                case TranscriptEntryKind.Input:
                    isOver |= !await TakeInputAsync(stage, entry.Text!).ConfigureAwait(false);
                    break;
                case TranscriptEntryKind.Ended:
                    await stage.WriteErrorAsync(entry.End!.StandardError).ConfigureAwait(false);
                    return entry.End.Signal is string signal ? new ProcessExit(null, signal) : new ProcessExit(entry.End.ExitCode ?? 0, null);
            }
        }

        // The CLI of a run without an end was killed; plain output of the CLI does not say how it ended.
        return entries.Any(entry => entry.Message is ResultMessage) ? new ProcessExit(0, null) : new ProcessExit(null, "SIGKILL");
    }

    // A try that was repeated was not recorded to its end.
    private async Task WaitAsync(TranscriptEntry entry, CancellationToken cancellationToken)
    {
        if (replay.KeepTiming && entry.Time is DateTimeOffset time && record.Run.StartTime is DateTimeOffset start)
        {
            TimeSpan left = time - start - record.Skipped(entries) - Stopwatch.GetElapsedTime(_start);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(ReplayStage stage, StreamMessage message, int place)
    {
        foreach (ToolUseContent call in message is AssistantMessage { CallsTool: true } ? message.ToolUse : [])
        {
            bool? wasAllowed = DecisionOf(call, place);
            bool isDenied = IsDenied(call, place);
            ServedTool? tool = isDenied ? null : stage.FindTool(call.Name);
            bool needsDecision = wasAllowed is not null || stage.Context.NeedsDecision(call.Name, call.Kind);
            // Also for a call that a rule rejected: its result is a hash, which does not say so, and the run would take it for one without a decision.
            if (record.Run.Content == TranscriptContent.Hash && (tool is not null || (needsDecision && stage.Context.Ask is not null)))
            {
                throw new AmpValidationException(
                    $"{record} contains hashes instead of the arguments of {call.Name} (call {call.Id}), so it cannot call your tools or ask for your decisions.",
                    nameof(CliOptions.Transport),
                    "Record the run again with its texts (AmpOptions.TranscriptContent), or use a mock.",
                    record.ToString(),
                    AmpErrorId.ReplayMismatch);
            }

            if (isDenied && wasAllowed is null)
            {
                // Nobody was asked: a rule rejected the call.
                continue;
            }

            bool expected = wasAllowed ?? true;
            if (needsDecision && stage.Ask(call) is Task<ApprovalDecision> asked && (await asked.ConfigureAwait(false)).IsAllowed != expected)
            {
                throw Differs($"{call.Name} (call {call.Id}) was {Word(expected)} in the record, and is {Word(!expected)} now");
            }

            if (expected && tool is not null)
            {
                _ = await tool.Call(call.InputJson, stage.CancellationToken).ConfigureAwait(false);
                stage.CancellationToken.ThrowIfCancellationRequested();
            }
        }

        static string Word(bool isAllowed) => isAllowed ? "allowed" : "rejected";
    }

    // The decision is recorded when it is made, between the call and its result.
    private bool? DecisionOf(ToolUseContent call, int place) => entries.Skip(place)
        .TakeWhile(entry => entry.Message?.ToolResult.Any(result => result.ToolUseId == call.Id) != true)
        .FirstOrDefault(entry => entry.Approval is ToolApproval made && (made.ToolUseId == call.Id || (made.ToolUseId.Length == 0 && made.ToolName == call.Name)))?
        .Approval!.IsAllowed;

    // A call without a result can be denied by the end of the run.
    private bool IsDenied(ToolUseContent call, int place)
    {
        StreamMessage? answer = entries.Skip(place).Select(entry => entry.Message)
            .FirstOrDefault(message => message is ResultMessage || message?.ToolResult.Any(result => result.ToolUseId == call.Id) == true);
        return answer is ResultMessage end
            ? end.Denials.Any(denial => denial.ToolUseId == call.Id)
            : answer?.Denied?.Contains(call.Id ?? string.Empty) == true;
    }

    // Plain output of the CLI does not say what the CLI got: a turn ends, and the next message is waited for.
    private async Task<bool> EndsConversationAsync(ReplayStage stage, StreamMessage message, int place) =>
        !_hasInputs && stage.Context.Plan.Input.HasTurns && message is AssistantMessage { EndsTurn: true }
        && entries.Skip(place + 1).Any(entry => entry.Message is not (null or (ResultMessage and not ErrorResultMessage)))
        && await ReadAsync(stage).ConfigureAwait(false) is null
        && IsOver(entries.Skip(place + 1).Select(entry => entry.Message).OfType<UserMessage>().FirstOrDefault(said => said is { ToolResult.Count: 0, ParentToolUseId: null })?.Text);

    private async Task<bool> TakeInputAsync(ReplayStage stage, string recorded)
    {
        // The first message has chosen the record.
        if (_isFirst)
        {
            _isFirst = false;
            return true;
        }

        if (await ReadAsync(stage).ConfigureAwait(false) is not string message)
        {
            return !IsOver(recorded);
        }

        string? difference = replay.AllowDifference ? null : record.DifferenceOfPrompt(message, recorded, stage.Context.Plan.Redact);
        return difference is null ? true : throw Differs(difference);
    }

    // A CLI whose input has turns gives its result only at the end of the input, so what is said until then, such as the findings of a verification, counts.
    // Without the end of a turn, nothing more is said before the result.
    private async Task EndInputAsync(ReplayStage stage, StreamMessage next)
    {
        if (_isIdle && next is ResultMessage and not ErrorResultMessage && stage.Context.Plan.Input.HasTurns
            && await ReadAsync(stage).ConfigureAwait(false) is string more && !replay.AllowDifference)
        {
            throw Differs($"it goes on with '{AmpReplay.Shown(stage.Context.Plan.Redact(more))}', and the record ends");
        }

        _isIdle = next is AssistantMessage { WaitsForUser: true } || (_isIdle && next is not ResultMessage);
    }

    private async Task<string?> ReadAsync(ReplayStage stage)
    {
        string? message = await stage.ReadMessageAsync().ConfigureAwait(false);
        _isIdle &= message is null;
        return message;
    }

    // What was said next in the record is not said now.
    private bool IsOver(string? left) => left is null || replay.AllowDifference
        ? true
        : throw Differs($"it ends here, but the next message in the record is '{AmpReplay.Shown(left)}'");

    private AmpValidationException Differs(string what) => AmpReplay.Mismatch($"The run differs from {record}: {what}.", record.ToString());
}
