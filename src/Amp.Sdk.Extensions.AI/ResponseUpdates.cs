using System.Globalization;
using System.Text.Json;

namespace Amp;

/// <summary>Makes the updates of a response of the messages of a run, one by one.</summary>
internal sealed class ResponseUpdates
{
    private readonly ChatRequest _request;
    private readonly string _id = Guid.NewGuid().ToString("N");
    private int _count;
    private string? _thread;
    private string? _answerId;
    private string? _model;
    private string? _stopReason;
    private bool _hasText;
    private ErrorResultMessage? _error;

    public ResponseUpdates(ChatRequest request) => _request = request;

    /// <summary>Gets the update for a message; null for one that tells the caller nothing, such as the echo of the prompt.</summary>
    public ChatResponseUpdate? Next(StreamMessage message)
    {
        _thread ??= message.SessionId;
        switch (message)
        {
            case AssistantMessage answer:
                return Answer(answer);
            case UserMessage { ToolResult.Count: > 0 } results:
                return Update(results, ChatRole.Tool, NewId(), [.. results.ToolResult.Select(Result)]);
            case ErrorResultMessage error:
                _error = error;
                return null;
            case ResultMessage result:
                return End(result);
            case UserMessage:
                return null;
            default:
                return Update(message, ChatRole.Assistant, messageId: null, []);
        }
    }

    /// <exception cref="AmpAgentException">The run ended with an error result.</exception>
    public void ThrowIfFailed()
    {
        if (_error is not null)
        {
            throw new AmpAgentException(_error);
        }
    }

    private ChatResponseUpdate Answer(AssistantMessage answer)
    {
        // What a subagent says goes to the agent; with a schema, the text of the response is the JSON and nothing else.
        bool isMain = answer.ParentToolUseId is null;
        bool isText = isMain && _request.Options.OutputSchema is null;
        List<AIContent> contents = [];
        List<TextContent> texts = [];
        foreach (ContentBlock block in answer.Content)
        {
            if (isText && block is TextContent part)
            {
                texts.Add(part);
                continue;
            }

            // Other blocks add nothing, so the texts around them follow each other.
            if (block is TextContent or ThinkingContent or ToolUseContent)
            {
                AddText(contents, texts);
            }

            switch (block)
            {
                case TextContent text:
                    contents.Add(new TextReasoningContent(text.Text) { RawRepresentation = text });
                    break;
                case ThinkingContent thinking:
                    contents.Add(new TextReasoningContent(thinking.Thinking) { RawRepresentation = thinking });
                    break;
                case ToolUseContent call:
                    contents.Add(Call(call));
                    break;
            }
        }

        AddText(contents, texts);

        string id = answer.Id ?? NewId();
        if (isMain)
        {
            _answerId = id;
            _model = answer.Model ?? _model;
            _stopReason = answer.StopReason;
            _hasText |= contents.Exists(content => content is ChatText { Text.Length: > 0 });
        }

        ChatResponseUpdate update = Update(answer, ChatRole.Assistant, id, contents);
        update.ModelId = answer.Model ?? _model;
        return update;
    }

    // Texts that follow each other are one content, joined once: a message may have any number of them.
    private static void AddText(List<AIContent> contents, List<TextContent> texts)
    {
        if (texts.Count > 0)
        {
            contents.Add(new ChatText(string.Join('\n', texts.Select(text => text.Text))) { RawRepresentation = texts[0] });
            texts.Clear();
        }
    }

    private ChatResponseUpdate End(ResultMessage result)
    {
        List<AIContent> contents = [];
        if (_request.Options.OutputSchema is not null)
        {
            contents.Add(new ChatText(result.OutputJson));
            _answerId = null;
        }
        else if (!_hasText && !string.IsNullOrEmpty(result.Result))
        {
            // After a very long prompt, the CLI may omit its messages.
            contents.Add(new ChatText(result.Result));
        }

        if (result.Usage is TokenUsage usage)
        {
            contents.Add(new UsageContent(Details(usage)) { RawRepresentation = usage });
        }

        ChatResponseUpdate update = Update(result, ChatRole.Assistant, _answerId ?? NewId(), contents);
        update.ModelId = _model;
        update.FinishReason = result.Outcome == ResultOutcome.Truncated || _stopReason == "max_tokens" ? ChatFinishReason.Length
            : _stopReason == "refusal" ? ChatFinishReason.ContentFilter
            : ChatFinishReason.Stop;
        return update;
    }

    private ChatResponseUpdate Update(StreamMessage message, ChatRole role, string? messageId, IList<AIContent> contents)
    {
        // Messages of tools end the message of the agent before them.
        _answerId = role == ChatRole.Tool ? null : _answerId;
        return new ChatResponseUpdate(role, contents)
        {
            ResponseId = _id,
            MessageId = messageId,
            ConversationId = _thread,
            CreatedAt = message.Time,
            RawRepresentation = message,
        };
    }

    // The agent has called it, or is about to: nobody else may.
    private FunctionCallContent Call(ToolUseContent call) => new(call.Id ?? NewId(), _request.Functions.NameOf(call.Name), Arguments(call.InputJson))
    {
        InformationalOnly = true,
        RawRepresentation = call,
    };

    private FunctionResultContent Result(ToolResultContent result) => new(result.ToolUseId ?? NewId(), result.Text)
    {
        Exception = result.IsError ? new InvalidOperationException(result.Text) : null,
        RawRepresentation = result,
    };

    private static Dictionary<string, object?>? Arguments(string json)
    {
        try
        {
            return FunctionTools.ArgumentsOf(json);
        }
        catch (JsonException)
        {
            // The run goes on whatever a call looks like; ToolUseContent has its input.
            return null;
        }
    }

    // The CLI counts what the cache had apart from the input; UsageDetails counts it as a part of the input.
    private static UsageDetails Details(TokenUsage usage)
    {
        long? input = Sum(Sum(usage.InputTokens, usage.CacheReadInputTokens), usage.CacheCreationInputTokens);
        UsageDetails details = new()
        {
            InputTokenCount = input,
            OutputTokenCount = usage.OutputTokens,
            TotalTokenCount = Sum(input, usage.OutputTokens),
            CachedInputTokenCount = usage.CacheReadInputTokens,
        };
        if (usage.CacheCreationInputTokens is long created)
        {
            (details.AdditionalCounts ??= [])[nameof(TokenUsage.CacheCreationInputTokens)] = created;
        }

        if (usage.CacheReadInputTokens is long read)
        {
            (details.AdditionalCounts ??= [])[nameof(TokenUsage.CacheReadInputTokens)] = read;
        }

        return details;
    }

    private static long? Sum(long? one, long? other) => one is null ? other : one + (other ?? 0);

    private string NewId() => string.Create(CultureInfo.InvariantCulture, $"{_id}-{++_count}");
}
