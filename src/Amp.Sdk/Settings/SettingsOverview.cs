using System.Text.Json;
using Amp.Json;
using Amp.Permissions;
using Amp.Settings;

namespace Amp;

/// <summary>
/// The names in the current user and workspace settings, for completion. The CLI is not asked, and no failure is an error. A missing or
/// invalid file has no names.
/// </summary>
internal sealed class SettingsOverview
{
    private static readonly string[] s_toolLists = [ToolLists.EnabledKey, ToolLists.DisabledKey];

    private readonly List<SettingsEntry> _mcpServers = [];
    private readonly List<SettingsEntry> _tools = [];

    private SettingsOverview()
    {
    }

    /// <summary>The MCP servers.</summary>
    public IReadOnlyList<SettingsEntry> McpServers => _mcpServers;

    /// <summary>The tools and patterns of tools in rules and lists, without duplicates.</summary>
    public IReadOnlyList<SettingsEntry> Tools => _tools;

    /// <summary>Reads both files.</summary>
    /// <param name="options">The options, of which only the settings file, the working directory and the variables are used; null for the
    /// defaults.</param>
    public static SettingsOverview Read(CliOptions? options = null)
    {
        SettingsOverview names = new();
        foreach (SettingsScope scope in Enum.GetValues<SettingsScope>())
        {
            try
            {
                names.Add(SettingsTarget.Of(options, scope), scope);
            }
            catch (Exception exception) when (exception is AmpException or IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // InvalidOperationException: a string has half a surrogate pair. Code that uses the file reports it.
            }
        }

        return names;
    }

    private void Add(string file, SettingsScope scope)
    {
        if (JsonSource.ReadSettings(file) is not JsonElement root)
        {
            return;
        }

        if (root.TryGetProperty(DisabledServers.Key, out JsonElement servers) && servers.ValueKind == JsonValueKind.Object)
        {
            _mcpServers.AddRange(servers.EnumerateObject().Select(server => new SettingsEntry(server.Name, scope)));
        }

        IEnumerable<JsonElement> tools = Items(root, SettingsRules.Key)
            .Where(rule => rule.ValueKind == JsonValueKind.Object)
            .Select(rule => rule.TryGetProperty("tool", out JsonElement tool) ? tool : default)
            .Concat(s_toolLists.SelectMany(list => Items(root, list)));
        foreach (string tool in tools.Where(tool => tool.ValueKind == JsonValueKind.String).Select(tool => tool.GetString()!))
        {
            if (!_tools.Exists(known => known.Name == tool))
            {
                _tools.Add(new SettingsEntry(tool, scope));
            }
        }
    }

    private static JsonElement[] Items(JsonElement root, string key) =>
        root.TryGetProperty(key, out JsonElement list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];
}
