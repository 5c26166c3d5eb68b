using System.Buffers;
using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.Json;
using Amp.Messages;
using Amp.Tools;

namespace Amp;

/// <summary>
/// Creates messages for tests: the same objects that a run returns when the CLI writes these lines. A message is complete when it is created, and cannot be
/// changed. To create the messages of a whole run, use an <see cref="AmpReplay"/>.
/// </summary>
public static class MessageFactory
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Creates the first message of a run.</summary>
    /// <param name="sessionId">The ID of the thread.</param>
    /// <param name="cwd">The folder of the agent; null for none.</param>
    /// <param name="tools">The names of the tools; null for none.</param>
    /// <param name="mcpServers">The MCP servers; null for none.</param>
    /// <param name="agentMode">The mode; null if it is not reported.</param>
    public static SystemMessage CreateSystem(
        string? sessionId, string? cwd = null, IEnumerable<string>? tools = null, IEnumerable<McpServerStatus>? mcpServers = null, string? agentMode = null) =>
        Create<SystemMessage>("system", writer =>
        {
            writer.WriteString("subtype"u8, "init"u8);
            Write(writer, "cwd", cwd);
            Write(writer, "session_id", sessionId);
            PlainJson.Write(writer, "tools", tools ?? []);
            writer.WriteStartArray("mcp_servers"u8);
            foreach (McpServerStatus server in mcpServers ?? [])
            {
                server.WriteTo(writer);
            }

            writer.WriteEndArray();
            Write(writer, "agent_mode", agentMode);
        });

    /// <summary>Creates a message to the model: the prompt, or tool results.</summary>
    /// <param name="content">The blocks.</param>
    /// <param name="sessionId">The ID of the thread; null for none.</param>
    /// <param name="parentToolUseId">The call that started the subagent; null for the main agent.</param>
    public static UserMessage CreateUser(IEnumerable<ContentBlock> content, string? sessionId = null, string? parentToolUseId = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        return Create<UserMessage>("user", writer =>
        {
            writer.WriteStartObject("message"u8);
            writer.WriteString("role"u8, "user"u8);
            Write(writer, content);
            writer.WriteEndObject();
            WriteOwner(writer, sessionId, parentToolUseId);
        });
    }

    /// <summary>Creates a message of the model: text, thinking and tool calls.</summary>
    /// <param name="content">The blocks.</param>
    /// <param name="sessionId">The ID of the thread; null for none.</param>
    /// <param name="stopReason">Why the model stopped; null for <c>tool_use</c> if a tool is called, otherwise <c>end_turn</c>.</param>
    /// <param name="usage">The tokens; null if they are not reported.</param>
    /// <param name="parentToolUseId">The call that started the subagent; null for the main agent.</param>
    public static AssistantMessage CreateAssistant(
        IEnumerable<ContentBlock> content, string? sessionId = null, string? stopReason = null, TokenUsage? usage = null, string? parentToolUseId = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        ContentBlock[] blocks = [.. content];
        return Create<AssistantMessage>("assistant", writer =>
        {
            writer.WriteStartObject("message"u8);
            writer.WriteString("type"u8, "message"u8);
            writer.WriteString("role"u8, "assistant"u8);
            Write(writer, blocks);
            writer.WriteString("stop_reason"u8, stopReason ?? (blocks.OfType<ToolUseContent>().Any() ? "tool_use" : "end_turn"));
            Write(writer, usage);
            writer.WriteEndObject();
            WriteOwner(writer, sessionId, parentToolUseId);
        });
    }

    /// <summary>Creates the result of a run that succeeded.</summary>
    /// <param name="result">The final answer; empty for a run without one.</param>
    /// <param name="sessionId">The ID of the thread; null for none.</param>
    /// <param name="duration">The duration.</param>
    /// <param name="numTurns">The number of requests to the model.</param>
    /// <param name="usage">The tokens of the run; null if they are not reported.</param>
    public static ResultMessage CreateResult(
        string? result, string? sessionId = null, TimeSpan duration = default, int numTurns = 1, TokenUsage? usage = null) =>
        Create<ResultMessage>("result", writer =>
        {
            writer.WriteString("subtype"u8, "success"u8);
            WriteCounts(writer, duration, isError: false, numTurns);
            Write(writer, "result", result);
            Write(writer, usage);
            Write(writer, "session_id", sessionId);
        });

    /// <summary>Creates the result of a run that failed.</summary>
    /// <param name="error">The error in the CLI's words, by which it is recognized.</param>
    /// <param name="sessionId">The ID of the thread; null for none.</param>
    /// <param name="subtype">The kind of failure: <c>error_during_execution</c>, or <c>error_max_turns</c>.</param>
    /// <param name="duration">The duration.</param>
    /// <param name="numTurns">The number of requests to the model.</param>
    /// <param name="usage">The tokens of the run; null if they are not reported.</param>
    public static ErrorResultMessage CreateErrorResult(
        string error,
        string? sessionId = null,
        string subtype = "error_during_execution",
        TimeSpan duration = default,
        int numTurns = 1,
        TokenUsage? usage = null)
    {
        ArgumentNullException.ThrowIfNull(error);
        ArgumentNullException.ThrowIfNull(subtype);
        return Create<ErrorResultMessage>("result", writer =>
        {
            writer.WriteString("subtype"u8, subtype);
            WriteCounts(writer, duration, isError: true, numTurns);
            writer.WriteString("error"u8, error);
            Write(writer, usage);
            Write(writer, "session_id", sessionId);
        });
    }

    /// <summary>Creates a message of a type that this version does not know, such as that of a later CLI.</summary>
    /// <param name="type">The type.</param>
    /// <param name="fields">The other fields: strings, numbers, booleans, and lists and dictionaries of these; null for none.</param>
    /// <exception cref="AmpValidationException">The type is known, or a field cannot be written as JSON.</exception>
    public static UnknownMessage CreateUnknown(string type, IDictionary? fields = null)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type is "system" or "user" or "assistant" or "result")
        {
            throw new AmpValidationException($"'{type}' is a known type of message.", nameof(type), "Create a message of that type.", type);
        }

        IDictionary plain = (IDictionary?)ToolInput.ToPlain(fields, nameof(fields)) ?? new Dictionary<string, object?>();
        if (plain.Contains("type"))
        {
            throw new AmpValidationException("The fields of the message contain its type.", nameof(fields), $"Omit the field 'type': it is '{type}'.");
        }

        return Create<UnknownMessage>(type, writer =>
        {
            foreach (DictionaryEntry field in plain)
            {
                PlainJson.Write(writer, (string)field.Key, field.Value);
            }
        });
    }

    // Through the reader of every line, so that a message cannot be anything that the CLI could not have written.
    private static T Create<T>(string type, Action<Utf8JsonWriter> write)
        where T : StreamMessage
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter writer = new(line, s_writing))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, type);
            write(writer);
            writer.WriteEndObject();
        }

        return (T)new MessageParser().Parse(line.WrittenSpan);
    }

    private static void WriteOwner(Utf8JsonWriter writer, string? sessionId, string? parentToolUseId)
    {
        writer.WriteString("parent_tool_use_id"u8, parentToolUseId);
        Write(writer, "session_id", sessionId);
    }

    private static void WriteCounts(Utf8JsonWriter writer, TimeSpan duration, bool isError, int numTurns)
    {
        writer.WriteNumber("duration_ms"u8, (long)duration.TotalMilliseconds);
        writer.WriteBoolean("is_error"u8, isError);
        writer.WriteNumber("num_turns"u8, numTurns);
    }

    private static void Write(Utf8JsonWriter writer, IEnumerable<ContentBlock> content)
    {
        writer.WriteStartArray("content"u8);
        foreach (ContentBlock block in content)
        {
            block.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, TokenUsage? usage)
    {
        if (usage is not null)
        {
            writer.WritePropertyName("usage"u8);
            usage.WriteTo(writer);
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
