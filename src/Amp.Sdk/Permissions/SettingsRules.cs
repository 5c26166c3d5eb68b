using System.Text.Json;
using Amp.Json;

namespace Amp.Permissions;

/// <summary>The permission rules in a settings file.</summary>
internal static class SettingsRules
{
    /// <summary>The key that they stand under.</summary>
    public const string Key = "amp.permissions";

    /// <summary>The rules of settings that have been read.</summary>
    /// <exception cref="AmpValidationException">What stands there is no list.</exception>
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

    /// <summary>The rules of a file; of one that is not there, there are none.</summary>
    /// <exception cref="AmpValidationException">It cannot be judged.</exception>
    public static JsonElement[] OfFile(string? file) => Of(JsonSource.ReadSettings(file), file);

    /// <summary>Whether a rule rejects.</summary>
    public static bool IsReject(JsonElement rule) => ActionOf(rule) == "reject";

    /// <summary>Whether a rule rejects, or has a program decide that may.</summary>
    public static bool MayReject(JsonElement rule) => ActionOf(rule) is "reject" or "delegate";

    /// <summary>The tools that a rule is about; all where it does not say.</summary>
    public static string ToolOf(JsonElement rule) =>
        rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("tool", out JsonElement tool) && tool.ValueKind == JsonValueKind.String
            ? tool.GetString()!
            : "*";

    /// <summary>What a rule does; null where it does not say.</summary>
    public static string? ActionOf(JsonElement rule) =>
        rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("action", out JsonElement action)
            && action.ValueKind == JsonValueKind.String
                ? action.GetString()
                : null;
}
