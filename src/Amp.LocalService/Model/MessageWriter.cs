using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using Amp.LocalService.Scenarios;

namespace Amp.LocalService.Model;

/// <summary>Writes an answer the way the Messages API streams it: as server-sent events.</summary>
internal sealed class MessageWriter(PipeWriter output, ModelRequest request, ScenarioAnswer answer, CancellationToken cancellationToken)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task WriteAsync()
    {
        await WriteStartAsync();
        for (int index = 0; index < answer.Blocks.Count; index++)
        {
            await WaitForBlockAsync(index);
            await WriteBlockAsync(index, BlockText.Deltas(answer.Blocks[index]));
            await WriteEventAsync("content_block_stop", json => json.WriteNumber("index", index));
        }

        await WriteEventAsync("message_delta", json =>
        {
            json.WriteStartObject("delta");
            json.WriteString("stop_reason", StopReason(answer));
            json.WriteNull("stop_sequence");
            json.WriteEndObject();
            WriteUsage(json, answer.Usage);
        });
        await WriteEventAsync("message_stop", _ => { });
    }

    /// <summary>Writes all but the second half of the last block.</summary>
    public async Task WriteFirstPartAsync()
    {
        await WriteStartAsync();
        for (int index = 0; index < answer.Blocks.Count; index++)
        {
            bool isLast = index == answer.Blocks.Count - 1;
            await WaitForBlockAsync(index);
            await WriteBlockAsync(index, isLast ? BlockText.FirstHalf(answer.Blocks[index]) : BlockText.Deltas(answer.Blocks[index]));
            if (!isLast)
            {
                await WriteEventAsync("content_block_stop", json => json.WriteNumber("index", index));
            }
        }
    }

    /// <summary>The whole answer as one JSON document, for a request that does not ask for a stream.</summary>
    public async Task WriteDocumentAsync()
    {
        var json = new Utf8JsonWriter(output, s_options);
        await using (json)
        {
            json.WriteStartObject();
            WriteEnvelope(json);
            json.WriteStartArray("content");
            for (int index = 0; index < answer.Blocks.Count; index++)
            {
                json.WriteStartObject();
                WriteBlockHead(json, answer.Blocks[index], index, BlockText.Whole(answer.Blocks[index]));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("stop_reason", StopReason(answer));
            json.WriteNull("stop_sequence");
            WriteUsage(json, answer.Usage);
            json.WriteEndObject();
        }

        await output.FlushAsync(cancellationToken);
    }

    private static string StopReason(ScenarioAnswer answer) =>
        answer.StopReason ?? (answer.Blocks.Any(block => block is ToolBlock) ? "tool_use" : "end_turn");

    private Task WaitForBlockAsync(int index) =>
        index > 0 && answer.BlockDelay > TimeSpan.Zero ? Task.Delay(answer.BlockDelay, cancellationToken) : Task.CompletedTask;

    private Task WriteStartAsync() => WriteEventAsync("message_start", json =>
    {
        json.WriteStartObject("message");
        WriteEnvelope(json);
        json.WriteStartArray("content");
        json.WriteEndArray();
        json.WriteNull("stop_reason");
        json.WriteNull("stop_sequence");
        WriteUsage(json, answer.Usage with { OutputTokens = Math.Min(1, answer.Usage.OutputTokens) });
        json.WriteEndObject();
    });

    private async Task WriteBlockAsync(int index, IEnumerable<string> deltas)
    {
        AnswerBlock block = answer.Blocks[index];
        await WriteEventAsync("content_block_start", json =>
        {
            json.WriteNumber("index", index);
            json.WriteStartObject("content_block");
            WriteBlockHead(json, block, index, "");
            json.WriteEndObject();
        });
        (string type, string field) = block switch
        {
            ToolBlock => ("input_json_delta", "partial_json"),
            ThinkingBlock => ("thinking_delta", "thinking"),
            _ => ("text_delta", "text"),
        };
        foreach (string delta in deltas)
        {
            await WriteDeltaAsync(index, type, field, delta);
        }

        if (block is ThinkingBlock)
        {
            await WriteDeltaAsync(index, "signature_delta", "signature", "scripted");
        }
    }

    private Task WriteDeltaAsync(int index, string type, string field, string value) => WriteEventAsync("content_block_delta", json =>
    {
        json.WriteNumber("index", index);
        json.WriteStartObject("delta");
        json.WriteString("type", type);
        json.WriteString(field, value);
        json.WriteEndObject();
    });

    private void WriteEnvelope(Utf8JsonWriter json)
    {
        json.WriteString("id", $"msg_local_{request.Number}");
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", request.Model);
    }

    private void WriteBlockHead(Utf8JsonWriter json, AnswerBlock block, int index, string content)
    {
        switch (block)
        {
            case ToolBlock tool:
                json.WriteString("type", "tool_use");
                json.WriteString("id", $"toolu_{request.Number}_{index}");
                json.WriteString("name", tool.Name);
                json.WritePropertyName("input");
                json.WriteRawValue(content.Length == 0 ? "{}" : content);
                break;
            case ThinkingBlock:
                json.WriteString("type", "thinking");
                json.WriteString("thinking", content);
                json.WriteString("signature", content.Length == 0 ? "" : "scripted");
                break;
            default:
                json.WriteString("type", "text");
                json.WriteString("text", content);
                break;
        }
    }

    private static void WriteUsage(Utf8JsonWriter json, TokenUsage usage)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", usage.InputTokens);
        json.WriteNumber("cache_creation_input_tokens", usage.CacheCreationInputTokens);
        json.WriteNumber("cache_read_input_tokens", usage.CacheReadInputTokens);
        json.WriteNumber("output_tokens", usage.OutputTokens);
        json.WriteString("service_tier", "standard");
        json.WriteEndObject();
    }

    private async Task WriteEventAsync(string type, Action<Utf8JsonWriter> writeMembers)
    {
        output.Write(System.Text.Encoding.UTF8.GetBytes($"event: {type}\ndata: "));
        using (var json = new Utf8JsonWriter(output, s_options))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            writeMembers(json);
            json.WriteEndObject();
        }

        output.Write("\n\n"u8);
        FlushResult flushed = await output.FlushAsync(cancellationToken);
        if (flushed.IsCompleted)
        {
            throw new OperationCanceledException("The client has gone.");
        }
    }
}
