using System.Text.Json;
using Amp.LocalService.Json;

namespace Amp.LocalService.Actors;

/// <summary>The tools that the executor of a thread has registered, less those that the settings switch off.</summary>
internal sealed class ActorTools
{
    private readonly Dictionary<string, JsonElement> _tools = new(StringComparer.Ordinal);
    private string[]? _enabled;
    private string[] _disabled = [];

    public int Count => _tools.Count;

    public IReadOnlyList<JsonElement> Offered => [.. _tools.Where(tool => IsOn(tool.Key)).Select(tool => tool.Value)];

    public void Clear() => _tools.Clear();

    public void Register(JsonElement tools)
    {
        foreach (JsonElement tool in tools.Items())
        {
            if (tool.TextOf("name") is { } name)
            {
                _tools[name] = tool;
            }
        }
    }

    public void Unregister(JsonElement names)
    {
        foreach (JsonElement item in names.Items())
        {
            if ((item.ValueKind == JsonValueKind.String ? item.GetString() : item.TextOf("name")) is { } name)
            {
                _tools.Remove(name);
            }
        }
    }

    public void Apply(JsonElement settings)
    {
        if (settings.Member("tools.enable") is { ValueKind: JsonValueKind.Array } enabled)
        {
            _enabled = Texts(enabled);
        }

        if (settings.Member("tools.disable") is { ValueKind: JsonValueKind.Array } disabled)
        {
            _disabled = Texts(disabled);
        }
    }

    private bool IsOn(string name) =>
        (_enabled is null || Array.Exists(_enabled, pattern => Covers(pattern, name)))
        && !Array.Exists(_disabled, pattern => Covers(pattern, name));

    // As the CLI's settings spell it: "builtin:NAME" for its own tools, and * for any characters.
    private static bool Covers(string pattern, string name)
    {
        const string BuiltIn = "builtin:";
        string bare = pattern.StartsWith(BuiltIn, StringComparison.Ordinal) ? pattern[BuiltIn.Length..] : pattern;
        return System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(bare, name, ignoreCase: false);
    }

    private static string[] Texts(JsonElement list) =>
        [.. list.Items().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];
}
