using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.Sdk.Tests.Reports;

/// <summary>Makes transcripts for reports: the lines of a run, one method each.</summary>
internal sealed class ReportedLines
{
    private const string Thread = "T-01a1fbd6-de8d-719c-933e-68551eac1394";

    private readonly List<string> _lines = [];
    private readonly string _run;
    private long _milliseconds;

    public ReportedLines(string prompt, string run = "0f3a5c7e9b1d2f40")
    {
        _run = run;
        Add(new JsonObject { ["amp_transcript"] = 1, ["run"] = run, ["time"] = "2026-11-30T01:37:00.000Z", ["kind"] = "run", ["cli"] = "0.0.1790142911", ["host"] = "build-7", ["prompt"] = prompt });
        Line(new JsonObject { ["type"] = "system", ["subtype"] = "init", ["cwd"] = "/home/ada/project", ["tools"] = new JsonArray(), ["mcp_servers"] = new JsonArray() });
    }

    public IReadOnlyList<string> Lines => _lines;

    public ReportedLines Says(string text, string? parent = null) => Assistant(parent, new JsonObject { ["type"] = "text", ["text"] = text });

    public ReportedLines Thinks(string text) => Assistant(null, new JsonObject { ["type"] = "thinking", ["thinking"] = text });

    public ReportedLines Calls(string id, string tool, JsonObject input, string? parent = null) =>
        Assistant(parent, new JsonObject { ["type"] = "tool_use", ["id"] = id, ["name"] = tool, ["input"] = input });

    public ReportedLines Gets(string id, string result, bool isError = false, string? parent = null) =>
        User(parent, new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = id, ["content"] = result, ["is_error"] = isError });

    public ReportedLines Asks(string text, string? parent = null) => User(parent, new JsonObject { ["type"] = "text", ["text"] = text });

    public ReportedLines Warns(string text) => Add(new JsonObject { ["run"] = _run, ["ms"] = _milliseconds, ["warning"] = text });

    /// <summary>Ends the run with a result that repeats a text.</summary>
    public ReportedLines Ends(string text)
    {
        Line(new JsonObject { ["type"] = "result", ["subtype"] = "success", ["duration_ms"] = _milliseconds, ["is_error"] = false, ["num_turns"] = 2, ["result"] = text, ["total_cost_usd"] = 0.25 });
        return Add(new JsonObject { ["run"] = _run, ["ms"] = _milliseconds, ["end"] = new JsonObject { ["outcome"] = "Succeeded", ["exit_code"] = 0, ["duration_ms"] = _milliseconds } });
    }

    public string WriteTo(string path)
    {
        File.WriteAllLines(path, _lines);
        return path;
    }

    private ReportedLines Assistant(string? parent, JsonObject block) => Line(new JsonObject
    {
        ["type"] = "assistant",
        ["message"] = new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = new JsonArray(block),
            ["usage"] = new JsonObject { ["input_tokens"] = 100, ["output_tokens"] = 20 },
        },
        ["parent_tool_use_id"] = parent,
    });

    private ReportedLines User(string? parent, JsonObject block) => Line(new JsonObject
    {
        ["type"] = "user",
        ["message"] = new JsonObject { ["role"] = "user", ["content"] = new JsonArray(block) },
        ["parent_tool_use_id"] = parent,
    });

    private ReportedLines Line(JsonObject line)
    {
        _milliseconds += 500;
        line["session_id"] = Thread;
        return Add(new JsonObject { ["run"] = _run, ["ms"] = _milliseconds, ["line"] = line });
    }

    private ReportedLines Add(JsonObject line)
    {
        _lines.Add(line.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        return this;
    }
}
