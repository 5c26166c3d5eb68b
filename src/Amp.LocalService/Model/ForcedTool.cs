using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.LocalService.Scenarios;

namespace Amp.LocalService.Model;

/// <summary>Requests beside the agent loop that force one tool upon the model, such as the one for a thread's title.</summary>
internal static class ForcedTool
{
    private const int LongestTitle = 50;

    /// <summary>The call of the forced tool; null for a request that leaves the model free.</summary>
    public static ScenarioAnswer? Answer(JsonElement root, ModelRequest request)
    {
        if (!root.TryGetProperty("tool_choice", out JsonElement choice)
            || choice.ValueKind != JsonValueKind.Object
            || !choice.TryGetProperty("name", out JsonElement name)
            || name.GetString() is not "set_title")
        {
            return null;
        }

        return ScenarioAnswer.Of(new ToolBlock("set_title", new JsonObject { ["title"] = Title(request.Prompt) }));
    }

    private static string Title(string prompt)
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
