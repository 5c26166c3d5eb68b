using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Amp.Bench;

/// <summary>Writes a stream as the CLI would, from a seed: the same seed gives the same bytes everywhere.</summary>
internal static class RecordedStream
{
    private const string Thread = "T-01a1fbd6-de8d-719c-933e-68551eac1394";

    // What JavaScript escapes, and no more.
    private static readonly JsonSerializerOptions s_asJavaScript = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Lengths of a text or a tool's output in characters: mostly short, now and then a file that was read.
    private static readonly int[] s_lengths = [10, 30, 80, 150, 250, 450, 800, 1950];

    // A line end or another character that JSON escapes comes about every forty characters, as in source text.
    private static readonly string[] s_words =
    [
        "the", "file", "return", "which", "is", "path/to/a/file.ps1", "0x1F", "public", "async", "await", "value", "of", "not", "where",
        "Get-ChildItem", "for", "each", "process", "found", "in", "line", "test", "{}", "and", "string", "int", "Größe", "naïve", "日本",
        "function", "this", "a", "\"quoted\"", "C:\\Temp", "\n", "\n", "\n    ", "if", "then", "else",
    ];

    /// <summary>Writes a first line, that many messages, and a result.</summary>
    public static void Write(string path, int messages, int seed)
    {
        Random random = new(seed);
        using FileStream file = File.Create(path);
        Line(file, writer =>
        {
            writer.WriteString("type", "system");
            writer.WriteString("subtype", "init");
            writer.WriteString("cwd", "/home/user/project");
            writer.WriteStartArray("tools");
            writer.WriteEndArray();
            writer.WriteStartArray("mcp_servers");
            writer.WriteEndArray();
        });
        for (int i = 0; i < messages; i++)
        {
            string id = "toolu_" + (i / 2).ToString(CultureInfo.InvariantCulture);
            Line(file, i % 2 == 0 ? writer => Assistant(writer, random, id) : writer => ToolResult(writer, random, id));
        }

        Line(file, writer =>
        {
            writer.WriteString("type", "result");
            writer.WriteString("subtype", "success");
            writer.WriteBoolean("is_error", false);
            writer.WriteString("result", "done");
            writer.WriteNumber("duration_ms", 1234);
            writer.WriteNumber("num_turns", 1);
        });
    }

    /// <summary>Writes a run whose one message has a text of that many characters.</summary>
    public static void WriteLongLine(string path, int characters)
    {
        using FileStream file = File.Create(path);
        Line(file, writer =>
        {
            writer.WriteString("type", "assistant");
            Message(writer, "assistant", () => Text(writer, new string('x', characters)), usage: true);
        });
        Line(file, writer =>
        {
            writer.WriteString("type", "result");
            writer.WriteString("subtype", "success");
            writer.WriteBoolean("is_error", false);
            writer.WriteString("result", "done");
        });
    }

    private static void Assistant(Utf8JsonWriter writer, Random random, string id)
    {
        writer.WriteString("type", "assistant");
        Message(
            writer,
            "assistant",
            () =>
            {
                Text(writer, Words(random));
                writer.WriteStartObject();
                writer.WriteString("type", "tool_use");
                writer.WriteString("id", id);
                writer.WriteString("name", "Bash");
                writer.WriteStartObject("input");
                writer.WriteString("cmd", Words(random));
                writer.WriteString("cwd", "/home/user/project");
                writer.WriteEndObject();
                writer.WriteEndObject();
            },
            usage: true);
        writer.WriteNull("parent_tool_use_id");
    }

    private static void ToolResult(Utf8JsonWriter writer, Random random, string id)
    {
        writer.WriteString("type", "user");
        Message(
            writer,
            "user",
            () =>
            {
                writer.WriteStartObject();
                writer.WriteString("type", "tool_result");
                writer.WriteString("tool_use_id", id);
                writer.WriteString("content", JsonSerializer.Serialize(new { output = Words(random), exitCode = 0 }, s_asJavaScript));
                writer.WriteBoolean("is_error", false);
                writer.WriteEndObject();
            },
            usage: false);
        writer.WriteNull("parent_tool_use_id");
    }

    private static void Message(Utf8JsonWriter writer, string role, Action content, bool usage)
    {
        writer.WriteStartObject("message");
        writer.WriteString("role", role);
        writer.WriteStartArray("content");
        content();
        writer.WriteEndArray();
        if (usage)
        {
            writer.WriteString("stop_reason", "tool_use");
            writer.WriteStartObject("usage");
            writer.WriteNumber("input_tokens", 10);
            writer.WriteNumber("cache_creation_input_tokens", 0);
            writer.WriteNumber("cache_read_input_tokens", 1200);
            writer.WriteNumber("output_tokens", 20);
            writer.WriteNumber("max_tokens", 300000);
            writer.WriteString("service_tier", "standard");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "text");
        writer.WriteString("text", text);
        writer.WriteEndObject();
    }

    private static string Words(Random random)
    {
        int length = s_lengths[random.Next(s_lengths.Length)];
        StringBuilder text = new(length + 20);
        while (text.Length < length)
        {
            text.Append(s_words[random.Next(s_words.Length)]).Append(' ');
        }

        return text.ToString();
    }

    private static void Line(FileStream file, Action<Utf8JsonWriter> fields)
    {
        using (Utf8JsonWriter writer = new(file, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteString("session_id", Thread);
            writer.WriteEndObject();
        }

        file.WriteByte((byte)'\n');
    }
}
