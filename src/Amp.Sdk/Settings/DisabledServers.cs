using System.Text.Json;
using Amp.Json;

namespace Amp.Settings;

/// <summary>
/// Removes servers that the call disables from the user settings. Setting <c>disabled</c> there is not sufficient, because the CLI starts
/// such a server anyway (0.0.1774310664).
/// </summary>
internal static class DisabledServers
{
    /// <summary>The key of the servers.</summary>
    public const string Key = "amp.mcpServers";

    /// <summary>Returns whether the settings contain a server with one of these names.</summary>
    public static bool AreIn(JsonElement? settings, IReadOnlyList<string> names) =>
        names.Any(name => ServersOf(settings) is JsonElement servers && servers.TryGetProperty(name, out _));

    /// <summary>Writes the servers of the settings without these.</summary>
    public static void WriteRest(Utf8JsonWriter writer, JsonElement settings, IReadOnlyList<string> names)
    {
        writer.WriteStartObject(Key);
        foreach (JsonProperty server in ServersOf(settings)!.Value.EnumerateObject().Where(server => !names.Contains(server.Name)))
        {
            server.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    /// <summary>Refuses to disable servers of the workspace, because the CLI always reads its settings itself.</summary>
    /// <param name="file">The workspace's settings file, if there is one.</param>
    /// <param name="settings">The items.</param>
    /// <param name="names">The names of the servers.</param>
    /// <exception cref="AmpValidationException">The workspace settings contain a server with one of these names.</exception>
    public static void RefuseInWorkspace(string? file, JsonElement? settings, IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(name => AreIn(settings, [name])) is string found)
        {
            throw new AmpValidationException(
                $"The MCP server '{TerminalText.Strip(found)}' cannot be disabled for a run: it is also in the workspace's settings file '{file}', "
                    + "where a run cannot disable it.",
                nameof(AmpOptions.McpServers),
                "Remove it from that file, or do not approve it: the CLI starts only approved servers of a workspace.",
                found);
        }
    }

    private static JsonElement? ServersOf(JsonElement? settings) =>
        settings is not null && settings.Value.TryGetProperty(Key, out JsonElement servers) && servers.ValueKind == JsonValueKind.Object
            ? servers
            : null;
}
