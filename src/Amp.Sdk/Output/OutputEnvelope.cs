using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.Output;

/// <summary>
/// The input schema of the tool that the agent answers with. A schema whose root is a plain object is used as it is. Any other schema
/// becomes the only property of an object, because a tool accepts only objects and model providers refuse choices at the root.
/// </summary>
internal sealed class OutputEnvelope
{
    /// <summary>The property that holds an answer which is not an object.</summary>
    public const string Property = "value";

    private static readonly string[] s_choices = ["anyOf", "oneOf", "allOf", "not", "if", "enum", "const", "$ref", "$dynamicRef", "$id"];
    private static readonly string[] s_definitions = ["$defs", "definitions"];
    private static readonly JsonSerializerOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly bool _wraps;

    private OutputEnvelope(string toolSchema, bool wraps)
    {
        ToolSchema = toolSchema;
        _wraps = wraps;
    }

    /// <summary>The input schema of the tool.</summary>
    public string ToolSchema { get; }

    /// <param name="schema">A valid JSON Schema.</param>
    public static OutputEnvelope Of(string schema)
    {
        JsonObject root = JsonNode.Parse(schema)!.AsObject();
        if (root["type"] is JsonValue type && type.TryGetValue(out string? name) && name == "object" && !s_choices.Any(root.ContainsKey))
        {
            root.Remove("$schema");
            return new OutputEnvelope(root.ToJsonString(s_writing), wraps: false);
        }

        JsonObject envelope = new() { ["type"] = "object" };
        foreach (string definitions in s_definitions)
        {
            if (root[definitions] is JsonNode defined)
            {
                root.Remove(definitions);
                envelope[definitions] = defined;
            }
        }

        root.Remove("$schema");
        root.Remove("$id");
        envelope["properties"] = new JsonObject { [Property] = root };
        envelope["required"] = new JsonArray(Property);
        envelope["additionalProperties"] = false;
        Move(envelope);
        return new OutputEnvelope(envelope.ToJsonString(s_writing), wraps: true);
    }

    /// <summary>Whether the answer is a property of the arguments, because it need not be an object.</summary>
    public bool Wraps => _wraps;

    /// <summary>Gets the answer from the arguments of a call; null if they contain none.</summary>
    public string? Open(string arguments)
    {
        if (!_wraps)
        {
            return arguments;
        }

        using JsonDocument document = JsonDocument.Parse(arguments, Json.JsonReader.DocumentOptions);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(Property, out JsonElement value)
            ? value.GetRawText()
            : null;
    }

    /// <summary>The message if <see cref="Open"/> finds no answer.</summary>
    public static string Missing => $"The answer belongs in the property '{Property}'.";

    // References to the root now point to the property; definitions have moved to the new root.
    private static void Move(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject schema:
                if (schema["$ref"] is JsonValue reference && reference.TryGetValue(out string? target)
                    && (target == "#" || target.StartsWith("#/", StringComparison.Ordinal))
                    && !s_definitions.Any(definitions => target.StartsWith($"#/{definitions}/", StringComparison.Ordinal)))
                {
                    schema["$ref"] = $"#/properties/{Property}{target[1..]}";
                }

                foreach ((string _, JsonNode? part) in schema.ToArray())
                {
                    Move(part);
                }

                break;
            case JsonArray parts:
                foreach (JsonNode? part in parts)
                {
                    Move(part);
                }

                break;
        }
    }
}
