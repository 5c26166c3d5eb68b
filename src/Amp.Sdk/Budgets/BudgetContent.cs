using System.Buffers;
using System.Text.Json;

namespace Amp.Budgets;

/// <summary>The content of a budget file.</summary>
internal sealed record BudgetContent(BudgetLimits Limits, BudgetCounts Used)
{
    private const string FileKind = "amp-budget";
    private const int Version = 1;

    private static readonly JsonWriterOptions s_options = new() { Indented = true };

    /// <summary>Parses the content.</summary>
    /// <exception cref="FormatException">The content is not a valid budget. The message contains the reason.</exception>
    public static BudgetContent Parse(byte[] json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("kind", out JsonElement kind) || kind.ValueKind != JsonValueKind.String || kind.GetString() != FileKind)
            {
                throw new FormatException("it does not contain a budget");
            }

            if (Whole(root, "version", int.MaxValue) != Version)
            {
                throw new FormatException("it was written by another version of this library");
            }

            JsonElement limits = Part(root, "limits");
            JsonElement used = Part(root, "used");
            BudgetContent content = new(
                new BudgetLimits(
                    Whole(limits, "tokens", long.MaxValue), (int?)Whole(limits, "turns", int.MaxValue), (int?)Whole(limits, "toolUses", int.MaxValue), Amount(limits, "cost")),
                new BudgetCounts(
                    Whole(used, "tokens", long.MaxValue) ?? throw Missing("used.tokens"),
                    Whole(used, "turns", long.MaxValue) ?? throw Missing("used.turns"),
                    Whole(used, "toolUses", long.MaxValue) ?? throw Missing("used.toolUses"),
                    Amount(used, "cost") ?? throw Missing("used.cost"))
                {
                    HasUnknownTokens = Flag(used, "unknownTokens"),
                    HasUnknownCost = Flag(used, "unknownCost"),
                });
            if (content.Limits.IsEmpty || Array.Exists(Enum.GetValues<BudgetKind>(), limited => content.Limits.Of(limited) <= 0))
            {
                throw new FormatException("it has no limit, or one of 0");
            }

            return content;
        }
        catch (JsonException)
        {
            throw new FormatException("it is not valid JSON");
        }
        catch (InvalidOperationException)
        {
            // A string is not valid UTF-8, or has half a surrogate pair.
            throw new FormatException("it does not contain a budget");
        }
    }

    /// <summary>Gets the bytes of the file.</summary>
    public byte[] ToBytes()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteString("kind", FileKind);
            json.WriteNumber("version", Version);
            json.WriteStartObject("limits");
            Write(json, "tokens", Limits.Tokens);
            Write(json, "turns", Limits.Turns);
            Write(json, "toolUses", Limits.ToolUses);
            Write(json, "cost", Limits.Cost);
            json.WriteEndObject();
            json.WriteStartObject("used");
            json.WriteNumber("tokens", Used.Tokens);
            json.WriteNumber("turns", Used.Turns);
            json.WriteNumber("toolUses", Used.ToolUses);
            json.WriteNumber("cost", Used.Cost);
            json.WriteBoolean("unknownTokens", Used.HasUnknownTokens);
            json.WriteBoolean("unknownCost", Used.HasUnknownCost);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, decimal? limit)
    {
        if (limit is decimal given)
        {
            json.WriteNumber(name, given);
        }
    }

    private static JsonElement Part(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement part) && part.ValueKind == JsonValueKind.Object ? part : throw Missing(name);

    private static long? Whole(JsonElement part, string name, long most) =>
        !part.TryGetProperty(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0 && number <= most ? number
        : throw Wrong(name);

    private static decimal? Amount(JsonElement part, string name) =>
        !part.TryGetProperty(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) && number >= 0 ? number
        : throw Wrong(name);

    private static bool Flag(JsonElement part, string name) => part.TryGetProperty(name, out JsonElement value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name),
    };

    private static FormatException Missing(string name) => new($"it does not contain '{name}'");

    private static FormatException Wrong(string name) => new($"it has an invalid value for '{name}'");
}
