using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Amp.LocalService.Scenarios;

/// <summary>Puts values in place of <c>${name}</c>; <c>$${</c> stands for a literal <c>${</c>.</summary>
internal static partial class Placeholders
{
    /// <summary>The names every rule can use, besides the named groups of its patterns.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } = ["prompt", "previousPrompt", "firstPrompt", "toolResult"];

    /// <summary>The first placeholder of a rule's answer that nothing can fill, or null.</summary>
    public static string? FirstUnknown(ScenarioRule rule)
    {
        var known = new HashSet<string>(BuiltIn, StringComparer.Ordinal);
        known.UnionWith(rule.Prompt?.GetGroupNames() ?? []);
        known.UnionWith(rule.ToolResult?.GetGroupNames() ?? []);
        string? unknown = null;
        foreach (AnswerBlock block in rule.Answer.Blocks)
        {
            Fill(block, name =>
            {
                unknown ??= known.Contains(name) ? null : name;
                return "x";
            });
        }

        return unknown;
    }

    public static ScenarioAnswer Fill(ScenarioAnswer answer, Func<string, string> value) =>
        answer with { Blocks = answer.Blocks.Select(block => Fill(block, value)).ToArray() };

    private static AnswerBlock Fill(AnswerBlock block, Func<string, string> value) => block switch
    {
        TextBlock text => text with { Text = Fill(text.Text, value) },
        ThinkingBlock thinking => thinking with { Text = Fill(thinking.Text, value) },
        ToolBlock tool => tool with { Input = Fill(tool.Input, value)!.AsObject() },
        RepeatedTextBlock repeated => repeated with { Text = Fill(repeated.Text, value) },
        _ => block,
    };

    private static JsonNode? Fill(JsonNode? node, Func<string, string> value) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Fill(member.Value, value)))),
        JsonArray items => new JsonArray(items.Select(item => Fill(item, value)).ToArray()),
        JsonValue text when text.GetValueKind() == JsonValueKind.String => JsonValue.Create(Fill(text.GetValue<string>(), value)),
        _ => node?.DeepClone(),
    };

    private static string Fill(string text, Func<string, string> value) =>
        Pattern().Replace(text, match => match.Groups["name"].Success ? value(match.Groups["name"].Value) : "${");

    [GeneratedRegex(@"\$\$\{|\$\{(?<name>\w+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
