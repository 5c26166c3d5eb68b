using System.Text.Json;
using Amp.Permissions;
using Amp.Tools;

namespace Amp.Settings;

/// <summary>
/// The lists of tools in settings. The CLI joins the list of the workspace and the one that it gets (2026-03-24), so a project could enable
/// more tools than a call.
/// </summary>
internal static class ToolLists
{
    /// <summary>The key of the enabled tools.</summary>
    public const string EnabledKey = "amp.tools.enable";

    /// <summary>The key of the disabled tools.</summary>
    public const string DisabledKey = "amp.tools.disable";

    /// <summary>Gets the names and patterns in a list; none if there is no list.</summary>
    public static string[] Of(JsonElement? settings, string key) =>
        settings is not null && settings.Value.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];

    /// <summary>Refuses a workspace that may enable a tool that the call does not enable.</summary>
    /// <param name="file">The workspace's settings file, if there is one.</param>
    /// <param name="settings">The items.</param>
    /// <param name="enabled">The tools that the call enables; null if it does not limit them.</param>
    /// <exception cref="AmpValidationException">The list of the workspace has another tool, or cannot be judged.</exception>
    public static void RefuseWidened(string? file, JsonElement? settings, IReadOnlyList<string>? enabled)
    {
        if (enabled is not null && settings?.TryGetProperty(EnabledKey, out JsonElement list) == true && !IsWithin(list, enabled))
        {
            throw new AmpValidationException(
                $"The settings of the project in '{TerminalText.Strip(file!)}' set {EnabledKey}: the CLI may offer other tools than yours to the model.",
                nameof(AmpOptions.EnabledTools),
                "Remove the setting from the file, or work in another folder.",
                file);
        }
    }

    private static bool IsWithin(JsonElement list, IReadOnlyList<string> enabled) => list.ValueKind == JsonValueKind.Null
        || (list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && IsEnabled(item.GetString()!, enabled)));

    // What a pattern of the project matches, only the CLI knows, unless the call has the same one or one for everything that begins like it.
    private static bool IsEnabled(string tool, IReadOnlyList<string> enabled) => enabled.Any(pattern =>
        pattern.Equals(tool, StringComparison.OrdinalIgnoreCase)
        || (ToolOverlap.IsName(tool) && ToolPattern.Matches(pattern, tool) == true)
        || IsForAllThatBegin(pattern, tool));

    // After '|', another pattern may begin.
    private static bool IsForAllThatBegin(string pattern, string tool) => pattern.EndsWith('*') && ToolOverlap.IsName(pattern[..^1])
        && !tool.Contains('|', StringComparison.Ordinal)
        && ToolOverlap.LiteralStart(tool).StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase);
}
