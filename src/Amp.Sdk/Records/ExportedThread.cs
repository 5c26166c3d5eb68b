using System.Buffers;
using System.Collections.Specialized;
using System.Globalization;
using System.Text.Json;
using Amp.Json;

namespace Amp.Records;

/// <summary>
/// Reads the JSON of a thread, as <c>threads export</c> of the CLI writes it, and makes the messages of it that a run would have returned. A thread has no result, and
/// does not tell where one run ends and the next one begins.
/// </summary>
internal static class ExportedThread
{
    private const int Looked = 64 * 1024;
    private const int Largest = 512 * 1024 * 1024;

    private static readonly JsonWriterOptions s_options = new() { MaxDepth = JsonReader.MaxDepth };

    /// <summary>Returns whether a file contains a thread. The position in the file is kept.</summary>
    public static bool IsIn(FileStream file)
    {
        byte[] start = new byte[Looked];
        int read = file.ReadAtLeast(start, Looked, throwOnEndOfStream: false);
        file.Position = 0;
        Utf8JsonReader reader = new(WithoutMark(start.AsSpan(0, read)), isFinalBlock: false, state: default);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                // The fields of the CLI's lines and of transcripts come first in them.
                if (reader.ValueTextEquals("type") || reader.ValueTextEquals("amp_transcript") || reader.ValueTextEquals("run"))
                {
                    return false;
                }

                if (reader.ValueTextEquals("messages"))
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }

    /// <summary>Adds the messages of a thread to those that were read.</summary>
    /// <exception cref="AmpValidationException">The file is too large, or contains something else.</exception>
    public static void Read(FileStream file, string path, TranscriptParser parser) => Read(Content(file, path), path, parser);

    /// <summary>Adds the messages of a thread to those that were read.</summary>
    /// <param name="json">The thread.</param>
    /// <param name="path">Its file; null if it comes from elsewhere.</param>
    /// <param name="parser">What was read.</param>
    /// <exception cref="AmpValidationException">The text is something else.</exception>
    public static void Read(ReadOnlySpan<byte> json, string? path, TranscriptParser parser)
    {
        OrderedDictionary thread = Parse(json, path);
        string? id = RecordJson.TextOf(thread, "id");
        RecordedRun run = parser.Start(new TranscriptRun
        {
            Id = id ?? string.Empty,
            StartTime = TimeOf(thread["created"]),
            Title = RecordJson.TextOf(thread, "title"),
            Path = path,
        });
        foreach (OrderedDictionary message in (thread["messages"] as object?[] ?? []).OfType<OrderedDictionary>())
        {
            DateTimeOffset? time = TimeOf((message["meta"] as OrderedDictionary)?["sentAt"]) ?? TimeOf((message["usage"] as OrderedDictionary)?["timestamp"]);
            ArrayBufferWriter<byte> line = new();
            using (Utf8JsonWriter writer = new(line, s_options))
            {
                Write(writer, message, id);
            }

            parser.Add(run, run.Parse(line.WrittenSpan, time, null, null, null), time);
        }
    }

    private static byte[] Content(FileStream file, string path)
    {
        try
        {
            if (file.Length > Largest)
            {
                throw new IOException($"It is larger than {Largest} bytes.");
            }

            byte[] content = new byte[file.Length];
            int read = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return read == content.Length ? content : content[..read];
        }
        catch (IOException exception)
        {
            throw Unreadable(path, exception.Message);
        }
    }

    private static OrderedDictionary Parse(ReadOnlySpan<byte> json, string? path)
    {
        try
        {
            JsonReader reader = JsonText.Open(WithoutMark(json));
            object? value = JsonField.Any(ref reader);
            reader.Read();
            return value as OrderedDictionary ?? throw new JsonException("It is not a JSON object.");
        }
        catch (JsonException exception)
        {
            throw Unreadable(path, exception.Message);
        }
    }

    private static AmpValidationException Unreadable(string? path, string reason) => new(
        path is null ? $"The exported thread cannot be read: {reason}" : $"The exported thread '{path}' cannot be read: {reason}", "Path", "Export the thread again.", path);

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) => text.StartsWith("\uFEFF"u8) ? text[3..] : text;

    private static void Write(Utf8JsonWriter writer, OrderedDictionary message, string? thread)
    {
        string role = RecordJson.TextOf(message, "role") ?? string.Empty;
        writer.WriteStartObject();
        writer.WriteString("type", role);
        writer.WriteStartObject("message");
        writer.WriteString("role", role);
        OrderedDictionary? usage = message["usage"] as OrderedDictionary;
        RecordJson.Text(writer, "model", usage is null ? null : RecordJson.TextOf(usage, "model"));
        writer.WriteStartArray("content");
        foreach (OrderedDictionary block in (message["content"] as object?[] ?? []).OfType<OrderedDictionary>())
        {
            WriteBlock(writer, block);
        }

        writer.WriteEndArray();
        RecordJson.Text(writer, "stop_reason", message["state"] is OrderedDictionary state ? RecordJson.TextOf(state, "stopReason") : null);
        if (usage is not null)
        {
            writer.WriteStartObject("usage");
            Count(writer, "input_tokens", usage["inputTokens"]);
            Count(writer, "output_tokens", usage["outputTokens"]);
            Count(writer, "cache_creation_input_tokens", usage["cacheCreationInputTokens"]);
            Count(writer, "cache_read_input_tokens", usage["cacheReadInputTokens"]);
            Count(writer, "max_tokens", usage["maxInputTokens"]);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteNull("parent_tool_use_id");
        RecordJson.Text(writer, "session_id", thread);
        writer.WriteEndObject();
    }

    private static void WriteBlock(Utf8JsonWriter writer, OrderedDictionary block)
    {
        if (RecordJson.TextOf(block, "type") != "tool_result")
        {
            PlainJson.Write(writer, block);
            return;
        }

        OrderedDictionary run = block["run"] as OrderedDictionary ?? [];
        string status = RecordJson.TextOf(run, "status") ?? "done";
        object? content = status == "done" ? run["result"] : run["error"] ?? run["reason"] ?? run["result"] ?? status;
        if (content is OrderedDictionary { Count: > 0 } error && status != "done" && RecordJson.TextOf(error, "message") is string message)
        {
            content = message;
        }

        // The stream says it in words instead of a status.
        content = status == "rejected-by-user" ? Permissions.DenialWords.Rejected(RecordJson.TextOf(run, "reason")) : content;

        writer.WriteStartObject();
        writer.WriteString("type", "tool_result");
        RecordJson.Text(writer, "tool_use_id", RecordJson.TextOf(block, "toolUseID"));
        writer.WriteString("content", content as string ?? Json(content));
        writer.WriteBoolean("is_error", status != "done");
        writer.WriteEndObject();
    }

    // As in the stream of the CLI, where the result of a tool is a string.
    private static string Json(object? value)
    {
        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter writer = new(text, s_options))
        {
            PlainJson.Write(writer, value);
        }

        return System.Text.Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void Count(Utf8JsonWriter writer, string name, object? value)
    {
        if (value is long count)
        {
            writer.WriteNumber(name, count);
        }
    }

    // In milliseconds, or as JavaScript writes it.
    private static DateTimeOffset? TimeOf(object? value) => value switch
    {
        long milliseconds when milliseconds is > 0 and < 253_402_300_799_999 => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
        string text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) => time,
        _ => null,
    };
}
