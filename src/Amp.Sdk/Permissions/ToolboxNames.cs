using System.Text.Json;
using Amp.Tools;

namespace Amp.Permissions;

/// <summary>
/// The names of a toolbox's tools where this library's server offers them. The CLIs that knew toolboxes offered <c>tb__get-stock</c>; from the
/// server the same tool is <c>mcp__tb__get_stock</c>. Whoever uses this library says and sees the first name on every build.
/// </summary>
internal sealed class ToolboxNames
{
    /// <summary>The name of the server.</summary>
    public const string Server = "tb";

    /// <summary>What the names of toolbox tools begin with.</summary>
    public const string Prefix = "tb__";

    private const string All = "mcp__tb__*";

    private readonly Dictionary<string, string> _ownByOffered = new(StringComparer.Ordinal);

    private ToolboxNames()
    {
    }

    /// <summary>No tool is offered so.</summary>
    public static ToolboxNames None { get; } = new();

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _ownByOffered.Count == 0;

    /// <param name="tools">The names of the tools, as their executables tell them.</param>
    public static ToolboxNames Of(IEnumerable<string> tools)
    {
        ToolboxNames names = new();
        foreach (string tool in tools)
        {
            names._ownByOffered.Add(ToolName.Offered(Server, tool), Prefix + tool);
        }

        return names;
    }

    /// <summary>The name of a tool that this library's users know; that of another tool stays what it is.</summary>
    public string? Own(string? offered) => offered is not null && _ownByOffered.TryGetValue(offered, out string? own) ? own : offered;

    /// <summary>A list of tools as settings have it, with the names under which the server offers those of the toolbox that are on it.</summary>
    public IEnumerable<string> WithOffered(IReadOnlyList<string> patterns) => patterns.Concat(
        _ownByOffered.Where(name => patterns.Any(pattern => ToolPattern.Matches(WithoutSource(pattern), name.Value) == true)).Select(name => name.Key)).Distinct();

    /// <summary>
    /// Writes the rules that decide about the toolbox's tools, made of all rules of the run in their order. They stand before those: behind the
    /// last of them every call is allowed, as the CLIs' built-in rules say of toolboxes, so that a rule for MCP servers decides about none.
    /// </summary>
    public void WriteRules(Utf8JsonWriter writer, JsonElement rules)
    {
        foreach (JsonElement rule in rules.EnumerateArray().Where(rule => rule.ValueKind == JsonValueKind.Object))
        {
            if (PatternOf(rule) is string pattern)
            {
                writer.WriteStartObject();
                writer.WriteString("tool", pattern);
                foreach (JsonProperty property in rule.EnumerateObject().Where(property => !property.NameEquals("tool")))
                {
                    property.WriteTo(writer);
                }

                writer.WriteEndObject();
            }
        }

        writer.WriteStartObject();
        writer.WriteString("tool", All);
        writer.WriteString("action", "allow");
        writer.WriteEndObject();
    }

    // A pattern of which nobody can say what it matches restricts and allows nothing.
    private string? PatternOf(JsonElement rule)
    {
        string? pattern = rule.TryGetProperty("tool", out JsonElement tool) && tool.ValueKind == JsonValueKind.String ? tool.GetString() : null;
        bool allows = SettingsRules.ActionOf(rule) is not ("reject" or "ask" or "delegate");
        string[] meant =
        [
            .. _ownByOffered.Where(name => ToolPattern.Matches(pattern, name.Value) ?? !allows).Select(name => name.Key),

            // Who has seen the other name somewhere means the tool all the same; a pattern for all servers does not.
            .. _ownByOffered.Keys.Where(offered => pattern?.StartsWith("mcp__tb", StringComparison.OrdinalIgnoreCase) == true && ToolPattern.Matches(pattern, offered) == true),
        ];
        return meant.Length == 0 ? null
            : meant.Length == _ownByOffered.Count ? All
            : meant.Length == 1 ? meant[0]
            : $"{{{string.Join(',', meant)}}}";
    }

    // In lists of tools a name may stand behind where it comes from.
    private static string WithoutSource(string pattern) =>
        pattern.StartsWith("toolbox:", StringComparison.Ordinal) ? pattern["toolbox:".Length..] : pattern;
}
