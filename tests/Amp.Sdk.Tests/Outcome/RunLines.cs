using System.Text;
using System.Text.Json;
using Amp.Messages;
using Amp.Permissions;

namespace Amp.Sdk.Tests.Outcome;

/// <summary>Lines of a run, put together for its result.</summary>
internal static class RunLines
{
    /// <summary>The result, which is the last line.</summary>
    public static ResultMessage Of(params string[] lines) => Of(RejectMessages.None, lines);

    /// <summary>The result of a run under rules with messages.</summary>
    public static ResultMessage Of(RejectMessages messages, params string[] lines)
    {
        MessageParser parser = new(new RunTally(messages));
        return Assert.IsType<ResultMessage>(lines.Select(line => parser.Parse(Encoding.UTF8.GetBytes(line))).ToArray()[^1], exactMatch: false);
    }

    public static string Text(string text) => Assistant($$"""{"type":"text","text":{{JsonSerializer.Serialize(text)}}}""", "null");

    public static string Tool(string id, string name, string input = "{}", string parent = "null") =>
        Assistant($$"""{"type":"tool_use","id":"{{id}}","name":"{{name}}","input":{{input}}}""", parent);

    public static string ToolResult(string id, string text, bool isError = false, string parent = "null") =>
        $$$"""{"type":"user","parent_tool_use_id":{{{parent}}},"message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"{{{id}}}","content":{{{JsonSerializer.Serialize(text)}}},"is_error":{{{(isError ? "true" : "false")}}}}]},"session_id":"T-1"}""";

    private static string Assistant(string block, string parent) =>
        $$$"""{"type":"assistant","parent_tool_use_id":{{{parent}}},"message":{"role":"assistant","content":[{{{block}}}]},"session_id":"T-1"}""";
}
