using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;

namespace Amp.Sdk.Tests.Support;

/// <summary>
/// Writes a message again as JSON from nothing but its properties and its additional properties, so that a test sees what
/// the model has lost of the line.
/// </summary>
internal static class MessageRebuilder
{
    public static JsonObject Rebuild(StreamMessage message)
    {
        JsonObject result = new()
        {
            ["type"] = message.Type,
            ["session_id"] = message.SessionId,
            ["parent_tool_use_id"] = message.ParentToolUseId,
        };
        switch (message)
        {
            case AssistantMessage assistant:
                result["message"] = new JsonObject
                {
                    ["id"] = assistant.Id,
                    ["model"] = assistant.Model,
                    ["content"] = Array(assistant.Content, Block),
                    ["stop_reason"] = assistant.StopReason,
                    ["usage"] = UsageOf(assistant.Usage),
                };
                break;
            case UserMessage user:
                result["message"] = new JsonObject { ["content"] = Array(user.Content, Block) };
                break;
            case SystemMessage system:
                result["subtype"] = system.Subtype;
                result["cwd"] = system.Cwd;
                result["tools"] = Array(system.Tools, tool => (JsonNode?)tool);
                result["mcp_servers"] = Array(system.McpServers, Server);
                break;
            case ResultMessage end:
                AddResult(result, end);
                break;
        }

        AddAll(result, message.AdditionalProperties);
        return result;
    }

    private static void AddResult(JsonObject result, ResultMessage end)
    {
        result["subtype"] = end.Subtype;
        result["is_error"] = end.IsError;
        result["duration_ms"] = end.DurationMs;
        result["num_turns"] = end.NumTurns;
        result["result"] = end.Result;
        result["usage"] = UsageOf(end.Usage);
        result["permission_denials"] = Array(end.PermissionDenials, Node);
        if (end is ErrorResultMessage error && error.Error != (end.Result ?? end.Subtype ?? end.Type))
        {
            result["error"] = error.Error;
        }
    }

    private static JsonNode? Block(ContentBlock block)
    {
        JsonObject result = new() { ["type"] = block.Type };
        switch (block)
        {
            case TextContent text:
                result["text"] = text.Text;
                break;
            case ThinkingContent thinking:
                result["thinking"] = thinking.Thinking;
                break;
            case ToolUseContent call:
                result["id"] = call.Id;
                result["name"] = call.Name;
                result["input"] = Node(call.Input);
                break;
            case ToolResultContent answer:
                result["tool_use_id"] = answer.ToolUseId;
                result["content"] = Node(answer.Content);
                result["is_error"] = answer.IsError;
                break;
            case UnknownContent { Type: "" } odd when odd.AdditionalProperties is { Count: 1 } only && only.Contains("value"):
                return Node(only["value"]);
        }

        AddAll(result, block.AdditionalProperties);
        return result;
    }

    private static JsonObject? UsageOf(TokenUsage? usage)
    {
        if (usage is null)
        {
            return null;
        }

        JsonObject result = new()
        {
            ["input_tokens"] = usage.InputTokens,
            ["output_tokens"] = usage.OutputTokens,
            ["cache_creation_input_tokens"] = usage.CacheCreationInputTokens,
            ["cache_read_input_tokens"] = usage.CacheReadInputTokens,
            ["max_tokens"] = usage.MaxTokens,
            ["service_tier"] = usage.ServiceTier,
        };
        AddAll(result, usage.AdditionalProperties);
        return result;
    }

    private static JsonObject Server(McpServerStatus server)
    {
        JsonObject result = new() { ["name"] = server.Name, ["status"] = server.Status };
        AddAll(result, server.AdditionalProperties);
        return result;
    }

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => new([.. items.Select(write)]);

    private static void AddAll(JsonObject target, OrderedDictionary fields)
    {
        foreach (DictionaryEntry field in fields)
        {
            JsonNode? value = Node(field.Value);
            if (value is JsonObject more && target[(string)field.Key] is JsonObject known)
            {
                foreach ((string name, JsonNode? inner) in more)
                {
                    known[name] = inner?.DeepClone();
                }
            }
            else
            {
                target[(string)field.Key] = value;
            }
        }
    }

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool truth => JsonValue.Create(truth),
        long number => JsonValue.Create(number),
        double number => JsonNode.Parse(number.ToString("R", CultureInfo.InvariantCulture)),
        BigInteger number => JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture)),
        OrderedDictionary fields => new JsonObject(
            fields.Cast<DictionaryEntry>().Select(field => KeyValuePair.Create((string)field.Key, Node(field.Value)))),
        object?[] items => new JsonArray([.. items.Select(Node)]),
        _ => throw new InvalidOperationException($"A value of type {value.GetType()} is nothing a user can work with."),
    };
}
