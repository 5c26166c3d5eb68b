using System.Text.Json;
using Amp.Tools;

namespace Amp.Permissions;

/// <summary>
/// The names of toolbox tools that the library's server offers. The CLIs that supported toolboxes offered <c>tb__get-stock</c>; from the
/// server, the same tool is <c>mcp__tb__get_stock</c>. Callers of the library always use the first name.
/// </summary>
internal sealed class ToolboxNames
{
    /// <summary>The name of the server.</summary>
    public const string Server = "tb";

    /// <summary>The prefix of the names of toolbox tools.</summary>
    public const string Prefix = "tb__";

    private const string All = "mcp__tb__*";

    private readonly Dictionary<string, string> _ownByOffered = new(StringComparer.Ordinal);

    private ToolboxNames()
    {
    }

    /// <summary>No tools.</summary>
    public static ToolboxNames None { get; } = new();

    /// <summary>The names of the tools, as their executables report them.</summary>
    public IReadOnlyList<string> Tools { get; private init; } = [];

    /// <summary>Whether there are no tools.</summary>
    public bool IsEmpty => _ownByOffered.Count == 0;

    /// <param name="tools">The names of the tools, as their executables report them.</param>
    public static ToolboxNames Of(IEnumerable<string> tools)
    {
        ToolboxNames names = new() { Tools = [.. tools] };
        foreach (string tool in names.Tools)
        {
            names._ownByOffered.Add(ToolName.Offered(Server, tool), Prefix + tool);
        }

        return names;
    }

    /// <summary>Gets the name for callers of the library. Names of other tools are not changed.</summary>
    public string? Own(string? offered) => offered is not null && _ownByOffered.TryGetValue(offered, out string? own) ? own : offered;

    /// <summary>Adds to a list of tools in settings the names under which the server offers the toolbox tools on that list.</summary>
    public IEnumerable<string> WithOffered(IReadOnlyList<string> patterns) => patterns.Concat(
        _ownByOffered.Where(name => patterns.Any(pattern => ToolPattern.Matches(WithoutSource(pattern), name.Value) == true)).Select(name => name.Key)).Distinct();

    /// <summary>
    /// Writes the rules for toolbox tools, translated from all rules of the run, in order. They come before those rules and end with a rule
    /// that allows every toolbox call, like the CLIs' built-in rules for toolboxes. Therefore, a rule for MCP servers never decides about
    /// toolbox tools.
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

    // An unknown pattern matches if the rule restricts, and does not match if it allows.
    private string? PatternOf(JsonElement rule)
    {
        string? pattern = rule.TryGetProperty("tool", out JsonElement tool) && tool.ValueKind == JsonValueKind.String ? tool.GetString() : null;
        bool allows = SettingsRules.ActionOf(rule) is not ("reject" or "ask" or "delegate");
        string[] meant =
        [
            .. _ownByOffered.Where(name => ToolPattern.Matches(pattern, name.Value) ?? !allows).Select(name => name.Key),

            // A rule may contain the other name of the tool. A pattern for all servers does not mean it.
            .. _ownByOffered.Keys.Where(offered => pattern?.StartsWith("mcp__tb", StringComparison.OrdinalIgnoreCase) == true && ToolPattern.Matches(pattern, offered) == true),
        ];
        return meant.Length == 0 ? null
            : meant.Length == _ownByOffered.Count ? All
            : meant.Length == 1 ? meant[0]
            : $"{{{string.Join(',', meant)}}}";
    }

    // In lists of tools, a name can come after its source.
    private static string WithoutSource(string pattern) =>
        pattern.StartsWith("toolbox:", StringComparison.Ordinal) ? pattern["toolbox:".Length..] : pattern;
}
