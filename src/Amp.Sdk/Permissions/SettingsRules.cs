using System.Buffers;
using System.Text;
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

    /// <summary>
    /// Returns whether rules have become looser: one that restricts is gone, or a rule that does not reject now comes before one that
    /// restricts and may be about the same tool, and did not come before it.
    /// </summary>
    /// <param name="before">The rules as they were.</param>
    /// <param name="after">The rules as they are now.</param>
    /// <param name="comesFirst">Whether they apply before all others, so that a new rule is looser wherever it is, unless it rejects.</param>
    public static bool AreLooser(IReadOnlyList<JsonElement> before, IReadOnlyList<JsonElement> after, bool comesFirst)
    {
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        HashSet<string> missing = new(StringComparer.Ordinal);
        foreach (JsonElement rule in before)
        {
            string text = TextOf(rule);
            places.TryAdd(text, places.Count);
            if (ActionOf(rule) is "reject" or "ask" or "delegate")
            {
                missing.Add(text);
            }
        }

        // From the last rule to the first, with the tools and the old places of the restricting rules on the way.
        List<(string Tool, int Place)> restricting = [];
        foreach ((JsonElement rule, string text) in after.Select(rule => (Rule: rule, Text: TextOf(rule))).DistinctBy(item => item.Text).Reverse())
        {
            int place = places.GetValueOrDefault(text, int.MaxValue);
            if (!IsReject(rule)
                && ((comesFirst && place == int.MaxValue) || restricting.Exists(other => place > other.Place && ToolOverlap.IsPossible(ToolOf(rule), other.Tool))))
            {
                return true;
            }

            if (missing.Remove(text))
            {
                restricting.Add((ToolOf(rule), place));
            }
        }

        return missing.Count > 0;
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

    // Whoever writes the file again may format it in another way, and order the properties of a rule in another way.
    private static string TextOf(JsonElement rule)
    {
        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter writer = new(text))
        {
            WriteSorted(writer, rule);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            writer.WriteStartObject();
            foreach (JsonProperty property in value.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(property.Name);
                WriteSorted(writer, property.Value);
            }

            writer.WriteEndObject();
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (JsonElement item in value.EnumerateArray())
            {
                WriteSorted(writer, item);
            }

            writer.WriteEndArray();
        }
        else
        {
            value.WriteTo(writer);
        }
    }
}
