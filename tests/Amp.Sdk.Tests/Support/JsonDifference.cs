using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.Sdk.Tests.Support;

/// <summary>
/// Finds the first thing of a line that is not in what was rebuilt of it. Nulls do not count, numbers are compared by value,
/// and what was rebuilt may have more only where it says nothing: 0, false, an empty text or list.
/// </summary>
internal static class JsonDifference
{
    public static string? Find(JsonNode? original, JsonNode? rebuilt, string path = "$")
    {
        switch (original)
        {
            case null:
                return IsEmpty(rebuilt) || path == "$.is_error" ? null : $"{path}: null became {rebuilt!.ToJsonString()}";
            case JsonObject fields when rebuilt is JsonObject others:
                return OfFields(fields, others, path);
            case JsonArray items when rebuilt is JsonArray others && items.Count == others.Count:
                return items.Select((item, i) => Find(item, others[i], $"{path}[{i}]")).FirstOrDefault(found => found is not null);
            case JsonValue value when rebuilt is JsonValue other && IsSame(value, other):
            case JsonValue text when path == "$.message.content" && IsText(text, rebuilt):
                return null;
            default:
                return $"{path}: {original.ToJsonString()} became {rebuilt?.ToJsonString() ?? "null"}";
        }
    }

    private static string? OfFields(JsonObject original, JsonObject rebuilt, string path)
    {
        foreach ((string name, JsonNode? value) in original)
        {
            if (Find(value, rebuilt[name], $"{path}.{name}") is string difference)
            {
                return difference;
            }
        }

        // That a run failed can follow from its subtype alone.
        return rebuilt.Where(field => !original.ContainsKey(field.Key) && !IsEmpty(field.Value) && field.Key != "is_error")
            .Select(field => $"{path}.{field.Key}: came from nowhere").FirstOrDefault();
    }

    private static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonArray items => items.Count == 0,
        JsonObject fields => fields.All(field => IsEmpty(field.Value)),
        _ => node.ToJsonString() is "0" or "false" or "\"\"",
    };

    // A string that holds a number or a truth value may have become one.
    private static bool IsSame(JsonValue original, JsonValue rebuilt)
    {
        (JsonValueKind kind, JsonValueKind otherKind) = (original.GetValueKind(), rebuilt.GetValueKind());
        if (kind == JsonValueKind.String && otherKind != JsonValueKind.String)
        {
            return string.Equals(original.GetValue<string>(), rebuilt.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        }

        return kind == otherKind && (kind == JsonValueKind.Number
            ? Number(original) == Number(rebuilt)
            : kind != JsonValueKind.String || original.GetValue<string>() == rebuilt.GetValue<string>());
    }

    private static bool IsText(JsonValue text, JsonNode? rebuilt) =>
        text.GetValueKind() == JsonValueKind.String
        && rebuilt is JsonArray { Count: 1 } blocks
        && blocks[0]!["text"]!.GetValue<string>() == text.GetValue<string>();

    private static double Number(JsonValue value) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
}
