using System.Text.Json;

namespace Amp.Permissions;

/// <summary>The permission rules in a settings file.</summary>
internal static class SettingsRules
{
    /// <summary>The key of the rules.</summary>
    public const string Key = "amp.permissions";

    /// <summary>The rules of parsed settings.</summary>
    /// <exception cref="AmpValidationException">The value is not a list.</exception>
    public static JsonElement[] Of(JsonElement? settings, string? file)
    {
        if (settings is null || !settings.Value.TryGetProperty(Key, out JsonElement rules))
        {
            return [];
        }

        return rules.ValueKind == JsonValueKind.Array
            ? [.. rules.EnumerateArray()]
            : throw new AmpValidationException(
                $"'{Key}' in '{file}' is not a list.", AmpOptionName.SettingsFile, "Make it a list of rules.", file);
    }

    /// <summary>Returns whether a rule rejects.</summary>
    public static bool IsReject(JsonElement rule) => ActionOf(rule) == "reject";

    /// <summary>Returns whether a rule rejects, or delegates to a program that may reject.</summary>
    public static bool MayReject(JsonElement rule) => ActionOf(rule) is "reject" or "delegate";

    /// <summary>Gets the tools of a rule; all tools if it names none.</summary>
    public static string ToolOf(JsonElement rule) =>
        rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("tool", out JsonElement tool) && tool.ValueKind == JsonValueKind.String
            ? tool.GetString()!
            : "*";

    /// <summary>Gets the action of a rule; null if it has none.</summary>
    public static string? ActionOf(JsonElement rule) =>
        rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("action", out JsonElement action)
            && action.ValueKind == JsonValueKind.String
                ? action.GetString()
                : null;
}
