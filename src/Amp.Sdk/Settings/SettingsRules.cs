using System.Text.Json;

namespace Amp.Settings;

/// <summary>The permission rules in a settings file.</summary>
internal static class SettingsRules
{
    /// <summary>The key that they stand under.</summary>
    public const string Key = "amp.permissions";

    /// <summary>The rules of settings that have been read; they live as long as the document.</summary>
    /// <exception cref="AmpValidationException">What stands there is no list.</exception>
    public static JsonElement[] Of(JsonDocument? settings, string? file)
    {
        if (settings is null || !settings.RootElement.TryGetProperty(Key, out JsonElement rules))
        {
            return [];
        }

        return rules.ValueKind == JsonValueKind.Array
            ? [.. rules.EnumerateArray()]
            : throw new AmpValidationException(
                $"'{Key}' in '{file}' is no list.", nameof(AmpOptions.SettingsFile), "Make it a list of rules.", file);
    }

    /// <summary>The rules of a file that is read only to know them: of one that is missing or broken there are none, and the CLI complains.</summary>
    public static JsonElement[] OrNone(string? file)
    {
        using JsonDocument? settings = JsonSource.ObjectOrNull(file);
        return settings is not null && settings.RootElement.TryGetProperty(Key, out JsonElement rules) && rules.ValueKind == JsonValueKind.Array
            ? [.. rules.EnumerateArray().Select(rule => rule.Clone())]
            : [];
    }

    /// <summary>Whether a rule rejects.</summary>
    public static bool IsReject(JsonElement rule) => ActionOf(rule) == "reject";

    /// <summary>What a rule does; null where it does not say.</summary>
    public static string? ActionOf(JsonElement rule) =>
        rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("action", out JsonElement action)
            && action.ValueKind == JsonValueKind.String
                ? action.GetString()
                : null;
}
