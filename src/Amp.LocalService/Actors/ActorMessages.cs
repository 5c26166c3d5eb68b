using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.LocalService.Json;
using Amp.LocalService.Model;
using Amp.LocalService.Scenarios;

namespace Amp.LocalService.Actors;

/// <summary>The messages of a thread as the native builds of July to September 2026 take them.</summary>
internal static class ActorMessages
{
    public const string Model = "local-model";

    private const int MaxInputTokens = 300_000;

    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A prompt of the user.</summary>
    public static JsonObject Prompt(string threadId, JsonElement parameters) => new()
    {
        ["threadId"] = threadId,
        ["role"] = "user",
        ["messageId"] = parameters.TextOf("messageId") ?? ActorIds.Message(),
        ["createdAt"] = Now(),
        ["content"] = Node(parameters.Member("content")) ?? new JsonArray(),
        ["agentMode"] = Node(parameters.Member("agentMode")),
        ["userState"] = Node(parameters.Member("userState")),
    };

    /// <summary>An answer of the model, with the IDs of its calls in order.</summary>
    public static JsonObject Answer(string threadId, string messageId, ScenarioAnswer answer, IReadOnlyList<string> callIds)
    {
        int call = 0;
        var content = new JsonArray();
        foreach (AnswerBlock block in answer.Blocks)
        {
            content.Add(Block(block, block is ToolBlock ? callIds[call++] : ""));
        }

        var state = new JsonObject { ["type"] = "complete" };
        if (answer.StopReason is { } stopReason)
        {
            state["stopReason"] = stopReason;
        }

        return new JsonObject
        {
            ["threadId"] = threadId,
            ["role"] = "assistant",
            ["messageId"] = messageId,
            ["createdAt"] = Now(),
            ["content"] = content,
            ["state"] = state,
            ["usage"] = Usage(answer.Usage),
        };
    }

    /// <summary>What the tools of one answer brought.</summary>
    public static JsonObject Results(string threadId, IEnumerable<(string CallId, JsonElement Run)> results) => new()
    {
        ["threadId"] = threadId,
        ["role"] = "user",
        ["messageId"] = ActorIds.Message(),
        ["createdAt"] = Now(),
        ["content"] = new JsonArray([.. results.Select(result => (JsonNode)new JsonObject
        {
            ["type"] = "tool_result",
            ["toolUseID"] = result.CallId,
            ["run"] = Node(result.Run),
        })]),
    };

    public static JsonNode? Node(JsonElement element) =>
        element.ValueKind is JsonValueKind.Undefined ? null : JsonNode.Parse(element.GetRawText());

    public static string Now() => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Block(AnswerBlock block, string callId) => block switch
    {
        ToolBlock tool => new JsonObject
        {
            ["type"] = "tool_use",
            ["complete"] = true,
            ["id"] = callId,
            ["name"] = tool.Name,
            ["input"] = tool.Input.DeepClone(),
        },
        ThinkingBlock thinking => new JsonObject { ["type"] = "thinking", ["thinking"] = thinking.Text, ["signature"] = "scripted" },
        _ => new JsonObject { ["type"] = "text", ["text"] = BlockText.Whole(block) },
    };

    private static JsonObject Usage(TokenUsage usage) => new()
    {
        ["model"] = Model,
        ["maxInputTokens"] = MaxInputTokens,
        ["inputTokens"] = usage.InputTokens,
        ["outputTokens"] = usage.OutputTokens,
        ["cacheCreationInputTokens"] = usage.CacheCreationInputTokens,
        ["cacheReadInputTokens"] = usage.CacheReadInputTokens,
        ["totalInputTokens"] = usage.InputTokens + usage.CacheCreationInputTokens + usage.CacheReadInputTokens,
        ["timestamp"] = Now(),
    };
}
