using System.Text.Json;

namespace Amp.LocalService.Json;

/// <summary>Reads members of JSON that a client sent, which may be of any kind.</summary>
internal static class JsonElementReading
{
    /// <summary>The member of an object; an undefined element where there is none.</summary>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member) ? member : default;

    /// <summary>The member's text; null where it is no text.</summary>
    public static string? TextOf(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The member's whole number; null where it is none.</summary>
    public static long? NumberOf(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number) ? number : null;

    /// <summary>The items of a list; none where it is no list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];
}
