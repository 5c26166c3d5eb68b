using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Amp.FakeCli;

/// <summary>Lines of <c>--stream-json</c>, shaped as the real CLI of March 2026 writes them.</summary>
internal sealed class AgentMessages(string sessionId)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] s_tools =
    [
        "Bash", "chart", "create_file", "edit_file", "find_thread", "finder", "glob", "Grep", "handoff", "librarian",
        "look_at", "mermaid", "oracle", "painter", "Read", "read_mcp_resource", "read_thread", "read_web_page", "skill",
        "Task", "task_list", "undo_edit", "web_search",
    ];

    public byte[] Init() => Line(writer =>
    {
        writer.WriteString("type", "system");
        writer.WriteString("subtype", "init");
        writer.WriteString("cwd", Environment.CurrentDirectory);
        writer.WriteString("session_id", sessionId);
        writer.WriteStartArray("tools");
        foreach (string tool in s_tools)
        {
            writer.WriteStringValue(tool);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("mcp_servers");
        writer.WriteEndArray();
    });

    public byte[] User(string text) => Line(writer =>
    {
        writer.WriteString("type", "user");
        writer.WriteStartObject("message");
        writer.WriteString("role", "user");
        WriteText(writer, text);
        writer.WriteEndObject();
        WriteOrigin(writer);
    });

    public byte[] Assistant(string text) => Line(writer =>
    {
        writer.WriteString("type", "assistant");
        writer.WriteStartObject("message");
        writer.WriteString("type", "message");
        writer.WriteString("role", "assistant");
        WriteText(writer, text);
        writer.WriteString("stop_reason", "end_turn");
        WriteUsage(writer);
        writer.WriteEndObject();
        WriteOrigin(writer);
    });

    public byte[] Result(string text, int turns) => Line(writer =>
    {
        WriteResultStart(writer, "success", isError: false, turns);
        writer.WriteString("result", text);
        writer.WriteString("session_id", sessionId);
    });

    public byte[] ErrorResult(string error, int turns) => Line(writer =>
    {
        WriteResultStart(writer, "error_during_execution", isError: true, turns);
        writer.WriteString("error", error);
        writer.WriteString("session_id", sessionId);
    });

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> line = new(1024);
        using (Utf8JsonWriter writer = new(line, s_options))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private static void WriteResultStart(Utf8JsonWriter writer, string subtype, bool isError, int turns)
    {
        writer.WriteString("type", "result");
        writer.WriteString("subtype", subtype);
        writer.WriteNumber("duration_ms", 104);
        writer.WriteBoolean("is_error", isError);
        writer.WriteNumber("num_turns", turns);
    }

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartArray("content");
        writer.WriteStartObject();
        writer.WriteString("type", "text");
        writer.WriteString("text", text);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void WriteUsage(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("input_tokens", 10);
        writer.WriteNumber("cache_creation_input_tokens", 0);
        writer.WriteNumber("cache_read_input_tokens", 0);
        writer.WriteNumber("output_tokens", 20);
        writer.WriteNumber("max_tokens", 300000);
        writer.WriteString("service_tier", "standard");
        writer.WriteEndObject();
    }

    private void WriteOrigin(Utf8JsonWriter writer)
    {
        writer.WriteNull("parent_tool_use_id");
        writer.WriteString("session_id", sessionId);
    }
}
