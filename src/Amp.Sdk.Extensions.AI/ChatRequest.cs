using System.Text.Json.Nodes;

namespace Amp;

/// <summary>What a chat request comes to: the prompt and the options of a run. Everything that cannot be kept is refused here, before anything starts.</summary>
internal sealed class ChatRequest
{
    private ChatRequest(string prompt, AmpOptions options, FunctionTools functions)
    {
        Prompt = prompt;
        Options = options;
        Functions = functions;
    }

    public string Prompt { get; }

    public AmpOptions Options { get; }

    public FunctionTools Functions { get; }

    /// <exception cref="AmpValidationException">A message or an option cannot be used.</exception>
    public static ChatRequest Of(IChatClient client, AmpOptions options, IEnumerable<ChatMessage> messages, ChatOptions? chatOptions)
    {
        options = chatOptions?.RawRepresentationFactory?.Invoke(client) as AmpOptions ?? options;
        PromptText prompt = PromptText.Of(messages, chatOptions?.Instructions);
        if (prompt.Images.Count > 0)
        {
            options = options with { Images = [.. options.Images ?? [], .. prompt.Images] };
        }

        if (chatOptions is null)
        {
            return new ChatRequest(prompt.Text, options, FunctionTools.None);
        }

        RefuseWhatChangesTheMeaning(chatOptions);
        if (chatOptions.ConversationId is string thread)
        {
            // The thread has a title and a place already, and goes on after the request: these options are refused for it.
            options = options with { ThreadId = thread, ContinueLatestThread = false, Visibility = null, Title = null, Executor = null, Archive = false };
        }

        if (chatOptions.Reasoning?.Output is ReasoningOutput output)
        {
            options = options with { IncludeThinking = output != ReasoningOutput.None };
        }

        options = chatOptions.ResponseFormat switch
        {
            ChatResponseFormatJson json => options with { OutputSchema = SchemaOf(json) },
            ChatResponseFormatText => options with { OutputSchema = null },
            _ => options,
        };
        FunctionTools functions = chatOptions.ToolMode is NoneChatToolMode ? FunctionTools.None : FunctionTools.Of(chatOptions.Tools, options.ToolServerName, options.Tools);
        if (functions.Tools.Count > 0)
        {
            options = options with { Tools = [.. options.Tools ?? [], .. functions.Tools] };
        }

        return new ChatRequest(prompt.Text, options, functions);
    }

    // Hints to a model, such as a temperature, are ignored: that is what clients do that cannot follow them.
    private static void RefuseWhatChangesTheMeaning(ChatOptions options)
    {
        if (options.ToolMode is RequiredChatToolMode)
        {
            throw new AmpValidationException(
                "ChatOptions.ToolMode requires a tool call, but the agent itself decides which tools it calls.",
                nameof(ChatOptions.ToolMode),
                "Omit it, and ask in the prompt for the tool to be used.");
        }

#pragma warning disable MEAI001 // What is refused needs no stable type.
        if (options.ContinuationToken is not null)
        {
            throw new AmpValidationException(
                "ChatOptions.ContinuationToken continues a background response, which the agent does not support.",
                nameof(ChatOptions.ContinuationToken),
                "Omit it. To continue a thread, set ChatOptions.ConversationId.");
        }
#pragma warning restore MEAI001
    }

    private static OutputSchema SchemaOf(ChatResponseFormatJson format)
    {
        // Without a schema, any object is the answer. A schema that is true or false has no room for a description.
        string schema = format.Schema is System.Text.Json.JsonElement given ? given.GetRawText() : """{"type":"object"}""";
        if (format.SchemaDescription is string description && JsonNode.Parse(schema) is JsonObject root && !root.ContainsKey("description"))
        {
            root["description"] = description;
            schema = root.ToJsonString();
        }

        return OutputSchema.Create(schema, static (answer, _) => Task.FromResult<object?>(answer));
    }
}
