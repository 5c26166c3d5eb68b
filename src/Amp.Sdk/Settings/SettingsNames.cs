using System.Text.Json;
using Amp.Json;
using Amp.Permissions;
using Amp.Settings;

namespace Amp;

/// <summary>
/// The names in the user's and the workspace's settings files, as they are now: for offering them to somebody who types. No CLI is
/// asked and nothing is an error. Of a file that is missing or broken there are none.
/// </summary>
public sealed class SettingsNames
{
    private static readonly string[] s_toolLists = ["amp.tools.enable", "amp.tools.disable"];

    private readonly List<SettingsName> _mcpServers = [];
    private readonly List<SettingsName> _tools = [];

    private SettingsNames()
    {
    }

    /// <summary>The MCP servers.</summary>
    public IReadOnlyList<SettingsName> McpServers => _mcpServers;

    /// <summary>The tools, or patterns of tools, that rules and lists name; each once.</summary>
    public IReadOnlyList<SettingsName> Tools => _tools;

    /// <summary>Reads both files.</summary>
    /// <param name="options">Only the settings file, the working directory and the variables matter here; null for none.</param>
    public static SettingsNames Read(CliOptions? options = null)
    {
        SettingsNames names = new();
        foreach (SettingsScope scope in Enum.GetValues<SettingsScope>())
        {
            try
            {
                names.Add(SettingsTarget.Of(options, scope), scope);
            }
            catch (Exception exception) when (exception is AmpException or IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // InvalidOperationException: a text in it is half a character. Whoever uses the file is told.
            }
        }

        return names;
    }

    private void Add(string file, SettingsScope scope)
    {
        using JsonDocument? settings = JsonSource.ReadSettings(file);
        if (settings is null)
        {
            return;
        }

        JsonElement root = settings.RootElement;
        if (root.TryGetProperty(DisabledServers.Key, out JsonElement servers) && servers.ValueKind == JsonValueKind.Object)
        {
            _mcpServers.AddRange(servers.EnumerateObject().Select(server => new SettingsName(server.Name, scope)));
        }

        IEnumerable<JsonElement> tools = Items(root, SettingsRules.Key)
            .Where(rule => rule.ValueKind == JsonValueKind.Object)
            .Select(rule => rule.TryGetProperty("tool", out JsonElement tool) ? tool : default)
            .Concat(s_toolLists.SelectMany(list => Items(root, list)));
        foreach (string tool in tools.Where(tool => tool.ValueKind == JsonValueKind.String).Select(tool => tool.GetString()!))
        {
            if (!_tools.Exists(known => known.Name == tool))
            {
                _tools.Add(new SettingsName(tool, scope));
            }
        }
    }

    private static JsonElement[] Items(JsonElement root, string key) =>
        root.TryGetProperty(key, out JsonElement list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];
}
