using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.LocalService.Json;
using Amp.LocalService.Scenarios;

namespace Amp.LocalService.Model;

/// <summary>Requests beside the agent loop, which force one tool upon the model to get its input.</summary>
internal static class ForcedTool
{
    private const int LongestTitle = 50;

    /// <summary>The call of the forced tool; null for a request that belongs to the agent loop.</summary>
    public static ScenarioAnswer? Answer(JsonElement root, ModelRequest request) => root.Member("tool_choice").TextOf("name") switch
    {
        "set_title" => Call("set_title", new JsonObject { ["title"] = Title(request.Prompt) }),
        "create_handoff_context" when request.Prompts.Count > 0 => Call("create_handoff_context", new JsonObject
        {
            ["relevantInformation"] = $"I asked: {request.Prompts[0]}",
            ["relevantFiles"] = new JsonArray(),
        }),
        _ => null,
    };

    private static ScenarioAnswer Call(string tool, JsonObject input) => ScenarioAnswer.Of(new ToolBlock(tool, input));

    /// <summary>The title of a thread that starts with this prompt.</summary>
    public static string Title(string prompt)
    {
        string text = prompt.Replace("<message>", "", StringComparison.Ordinal).Replace("</message>", "", StringComparison.Ordinal);
        text = string.Join(' ', text.Split((char[]?)null, 9, StringSplitOptions.RemoveEmptyEntries).Take(8));
        if (text.Length <= LongestTitle)
        {
            return text.Length == 0 ? "Untitled" : text;
        }

        return text[..(char.IsLowSurrogate(text[LongestTitle]) ? LongestTitle - 1 : LongestTitle)];
    }
}
