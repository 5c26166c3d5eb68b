using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.Testing;

/// <summary>
/// Lines of <c>--stream-json</c> for a script's <see cref="FakeCliScript.Out(string)"/>;
/// the fake puts its thread's ID in place of ${SESSION}.
/// </summary>
public static class FakeMessages
{
    private const string OwnSession = "${SESSION}";

    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first message of a run.</summary>
    public static string Init(string sessionId = OwnSession) => Text(new JsonObject
    {
        ["type"] = "system",
        ["subtype"] = "init",
        ["cwd"] = "/home/user/project",
        ["session_id"] = sessionId,
        ["tools"] = new JsonArray("Bash", "create_file", "edit_file", "Grep", "Read"),
        ["mcp_servers"] = new JsonArray(),
    });

    /// <summary>The echo of a prompt.</summary>
    public static string User(string text, string sessionId = OwnSession) => UserContent(
        new JsonObject { ["type"] = "text", ["text"] = text }, sessionId);

    /// <summary>An answer that ends a turn.</summary>
    public static string Assistant(string text, string sessionId = OwnSession) => AssistantContent(
        new JsonObject { ["type"] = "text", ["text"] = text }, "end_turn", sessionId);

    /// <summary>A thought.</summary>
    public static string Thinking(string thinking, string sessionId = OwnSession) => AssistantContent(
        new JsonObject { ["type"] = "thinking", ["thinking"] = thinking }, "tool_use", sessionId);

    /// <summary>A call of a tool with this JSON as its input.</summary>
    public static string ToolUse(string name, string inputJson, string toolUseId = "toolu_1", string sessionId = OwnSession) =>
        AssistantContent(
            new JsonObject { ["type"] = "tool_use", ["id"] = toolUseId, ["name"] = name, ["input"] = JsonNode.Parse(inputJson) },
            "tool_use",
            sessionId);

    /// <summary>What a tool gave back.</summary>
    public static string ToolResult(
        string content, string toolUseId = "toolu_1", bool isError = false, string sessionId = OwnSession) => UserContent(
            new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = toolUseId, ["content"] = content, ["is_error"] = isError },
            sessionId);

    /// <summary>The end of a run that went well.</summary>
    public static string Result(string text, int turns = 1, string sessionId = OwnSession) => Text(new JsonObject
    {
        ["type"] = "result",
        ["subtype"] = "success",
        ["duration_ms"] = 104,
        ["is_error"] = false,
        ["num_turns"] = turns,
        ["result"] = text,
        ["session_id"] = sessionId,
    });

    /// <summary>The end of a run that failed.</summary>
    public static string ErrorResult(
        string error, string subtype = "error_during_execution", int turns = 1, string sessionId = OwnSession) =>
        Text(new JsonObject
        {
            ["type"] = "result",
            ["subtype"] = subtype,
            ["duration_ms"] = 104,
            ["is_error"] = true,
            ["num_turns"] = turns,
            ["error"] = error,
            ["session_id"] = sessionId,
        });

    /// <summary>A user's message as it goes to stdin with <c>--stream-json-input</c>.</summary>
    public static string Input(string text) => Text(new JsonObject
    {
        ["type"] = "user",
        ["message"] = new JsonObject
        {
            ["role"] = "user",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
        },
    });

    private static string UserContent(JsonObject content, string sessionId) => Text(new JsonObject
    {
        ["type"] = "user",
        ["message"] = new JsonObject { ["role"] = "user", ["content"] = new JsonArray(content) },
        ["parent_tool_use_id"] = null,
        ["session_id"] = sessionId,
    });

    private static string AssistantContent(JsonObject content, string stopReason, string sessionId) => Text(new JsonObject
    {
        ["type"] = "assistant",
        ["message"] = new JsonObject
        {
            ["type"] = "message",
            ["role"] = "assistant",
            ["content"] = new JsonArray(content),
            ["stop_reason"] = stopReason,
            ["usage"] = new JsonObject
            {
                ["input_tokens"] = 10,
                ["cache_creation_input_tokens"] = 0,
                ["cache_read_input_tokens"] = 0,
                ["output_tokens"] = 20,
                ["max_tokens"] = 300000,
                ["service_tier"] = "standard",
            },
        },
        ["parent_tool_use_id"] = null,
        ["session_id"] = sessionId,
    });

    private static string Text(JsonObject message) => message.ToJsonString(s_options);
}
