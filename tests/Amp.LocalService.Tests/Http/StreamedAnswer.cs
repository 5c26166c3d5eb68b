using System.Text;
using System.Text.Json;
using Xunit;

namespace Amp.LocalService.Tests.Http;

/// <summary>An answer put together from server-sent events, as a client of the Messages API does.</summary>
internal sealed record StreamedAnswer(IReadOnlyList<(string Type, string Content)> Blocks, string? StopReason, JsonElement Usage)
{
    public static StreamedAnswer Read(string events)
    {
        var blocks = new List<(string Type, StringBuilder Content)>();
        string? stopReason = null;
        JsonElement usage = default;
        var types = new List<string>();
        foreach (string chunk in events.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = chunk.Split('\n');
            JsonElement data = JsonSerializer.Deserialize<JsonElement>(lines[1]["data: ".Length..]);
            string type = data.GetProperty("type").GetString()!;
            Assert.Equal("event: " + type, lines[0]);
            types.Add(type);
            switch (type)
            {
                case "content_block_start":
                    Assert.Equal(blocks.Count, data.GetProperty("index").GetInt32());
                    blocks.Add((data.GetProperty("content_block").GetProperty("type").GetString()!, new StringBuilder()));
                    break;
                case "content_block_delta":
                    JsonElement delta = data.GetProperty("delta");
                    string field = delta.GetProperty("type").GetString() switch
                    {
                        "text_delta" => "text",
                        "thinking_delta" => "thinking",
                        "input_json_delta" => "partial_json",
                        _ => "",
                    };
                    blocks[^1].Content.Append(field.Length == 0 ? "" : delta.GetProperty(field).GetString());
                    break;
                case "message_delta":
                    stopReason = data.GetProperty("delta").GetProperty("stop_reason").GetString();
                    usage = data.GetProperty("usage");
                    break;
                default:
                    break;
            }
        }

        Assert.Equal("message_start", types[0]);
        Assert.Equal("message_stop", types[^1]);
        return new StreamedAnswer(blocks.Select(block => (block.Type, block.Content.ToString())).ToArray(), stopReason, usage);
    }
}
