using System.Text.Json;

namespace Amp.Mcp;

/// <summary>Writes the fields of an MCP server. Omitted values are not written.</summary>
internal static class McpJson
{
    public static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    public static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    public static void WriteSecrets(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, SecretText> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        writer.WriteStartObject(name);
        foreach ((string key, SecretText value) in values)
        {
            writer.WriteString(key, value.Reveal());
        }

        writer.WriteEndObject();
    }
}
