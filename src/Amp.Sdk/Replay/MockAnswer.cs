using System.Collections.Specialized;
using Amp.Options;
using Amp.Processes;
using Amp.Services;
using Amp.ToolServer;
using Amp.Tools;
using Amp.Verification;

namespace Amp.Replay;

/// <summary>Plays mocks: each message of the run gets the answer of the mock that matches it.</summary>
/// <param name="replay">Finds the mock of a later message.</param>
/// <param name="first">The mock of the first message.</param>
internal sealed class MockAnswer(AmpReplay replay, AmpMock first) : IReplayAnswer
{
    private string _thread = string.Empty;
    private string? _thinking;
    private int _calls;
    private int _turns;

    /// <inheritdoc/>
    public async Task<ProcessExit> PlayAsync(ReplayStage stage, string message)
    {
        AmpOptions options = stage.Context.Plan.Options;
        _thread = (options.ThreadId ?? first.ThreadId) is string given ? ThreadReference.Parse(given, nameof(AmpOptions.ThreadId)) : $"T-{Guid.NewGuid()}";
        await stage.WriteAsync(MessageFactory.CreateSystem(
            _thread, stage.Context.Plan.WorkingDirectory, stage.Context.Tools.Select(tool => tool.Name), agentMode: options.Mode)).ConfigureAwait(false);
        AmpMock mock = first;
        string? said = message;
        while (said is not null)
        {
            if (!await TurnAsync(stage, mock, said).ConfigureAwait(false))
            {
                return new ProcessExit(0, null);
            }

            said = stage.Context.Plan.Input.HasTurns ? await stage.ReadMessageAsync().ConfigureAwait(false) : null;

            // What the library itself says, such as the findings of a verification, continues the turn.
            mock = said is null || !stage.Context.Plan.Input.IsOpen || IsOfLibrary(said) ? mock : replay.FindMock(stage.Context.Plan, said);
        }

        await stage.WriteAsync(MessageFactory.CreateResult(AnswerOf(stage, mock) ?? string.Empty, _thread, numTurns: _turns, usage: mock.Usage)).ConfigureAwait(false);
        return new ProcessExit(0, null);
    }

    private static bool IsOfLibrary(string said) => said == OutputService.Reminder || said.StartsWith(Verifier.FeedbackStart, StringComparison.Ordinal);

    // Returns false if the run has failed.
    private async Task<bool> TurnAsync(ReplayStage stage, AmpMock mock, string said)
    {
        await stage.WriteAsync(MessageFactory.CreateUser([new TextContent(said)], _thread)).ConfigureAwait(false);
        _thinking = stage.Context.Plan.Options.IncludeThinking ? mock.Thinking : null;
        foreach (MockToolUse use in mock.ToolUses)
        {
            await UseAsync(stage, mock, use).ConfigureAwait(false);
        }

        if (mock.Output is not null && stage.Context.Plan.Options.OutputSchema is OutputSchema schema)
        {
            OrderedDictionary input = ToolInput.ToPlain(mock.Output, nameof(AmpMock.Output)) is OrderedDictionary fields && !schema.Envelope.Wraps
                ? fields
                : new OrderedDictionary { [Output.OutputEnvelope.Property] = mock.Output };
            await UseAsync(stage, mock, new MockToolUse(OutputService.ToolName, input)).ConfigureAwait(false);
        }

        if (mock.Error is not null)
        {
            // The text does not end the turn, which fails.
            if ((mock.Text ?? (stage.Context.Plan.Options.OutputSchema is null ? AnswerOf(stage, mock) : null)) is { Length: > 0 } text)
            {
                await SayAsync(stage, mock, [new TextContent(text)], "tool_use").ConfigureAwait(false);
            }

            await stage.WriteAsync(MessageFactory.CreateErrorResult(mock.Error, _thread, mock.ErrorSubtype, numTurns: _turns)).ConfigureAwait(false);
            return false;
        }

        await SayAsync(stage, mock, [new TextContent(AnswerOf(stage, mock) ?? string.Empty)], "end_turn").ConfigureAwait(false);
        return true;
    }

    private async Task UseAsync(ReplayStage stage, AmpMock mock, MockToolUse use)
    {
        ServedTool? served = stage.FindTool(use.Name);
        ToolUseContent call = new(served?.Name ?? use.Name, use.Input, $"toolu_mock_{++_calls}");
        await SayAsync(stage, mock, [call], "tool_use").ConfigureAwait(false);
        ToolResultContent result = await ResultAsync(stage, use, call, served).ConfigureAwait(false);
        await stage.WriteAsync(MessageFactory.CreateUser([result], _thread)).ConfigureAwait(false);
    }

    private static async Task<ToolResultContent> ResultAsync(ReplayStage stage, MockToolUse use, ToolUseContent call, ServedTool? served)
    {
        if (use.DeniedReason is not null)
        {
            return new ToolResultContent(call.Id, ApprovalChannel.RejectedWords + use.DeniedReason, isError: true);
        }

        if (use.Asks || stage.Context.NeedsDecision(call.Name, call.Kind))
        {
            ApprovalDecision decision = stage.Ask(call) is Task<ApprovalDecision> asked
                ? await asked.ConfigureAwait(false)
                : ApprovalDecision.Reject("the call requires an approval, and nobody can be asked.");
            if (!decision.IsAllowed)
            {
                return new ToolResultContent(call.Id, ApprovalChannel.RejectedWords + (decision.Message ?? "the caller does not allow this call."), isError: true);
            }
        }

        if (served is not null && use.Result is null)
        {
            ServedAnswer answer = await served.Call(call.InputJson, stage.CancellationToken).ConfigureAwait(false);
            stage.CancellationToken.ThrowIfCancellationRequested();
            return new ToolResultContent(call.Id, answer.Text, answer.IsError);
        }

        return new ToolResultContent(call.Id, use.Result ?? string.Empty, use.IsError);
    }

    private Task SayAsync(ReplayStage stage, AmpMock mock, IEnumerable<ContentBlock> content, string stopReason)
    {
        _turns++;

        // Before the first words of the turn, as the CLI has it.
        ContentBlock[] blocks = _thinking is null ? [.. content] : [new ThinkingContent(_thinking), .. content];
        _thinking = null;
        return stage.WriteAsync(MessageFactory.CreateAssistant(blocks, _thread, stopReason, mock.Usage));
    }

    private static string? AnswerOf(ReplayStage stage, AmpMock mock) => mock.Text ?? (mock.Output is null ? null
        : stage.Context.Plan.Options.OutputSchema is null ? CallView.Json(ToolInput.ToPlain(mock.Output, nameof(AmpMock.Output)))
        : "Done.");
}
