using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amp.Text;

namespace Amp.Services;

/// <summary>
/// The description of a toolbox tool by its executable: JSON, or lines of text such as <c>name: stock</c>. It is parsed as in the CLIs that
/// supported toolboxes (0.0.1767830505 to 0.0.1777897475), and the tool gets its input in the same format.
/// </summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Description">The description of the tool.</param>
/// <param name="InputSchema">The JSON Schema of the input.</param>
/// <param name="IsText">Whether the tool gets lines of text instead of JSON.</param>
internal sealed partial record ToolboxDescription(string Name, string Description, string InputSchema, bool IsText)
{
    private const int LongestName = 120;
    private const string AnyArgument = "generic argument - use a sensible value";

    private static readonly string[] s_types = ["string", "boolean", "number", "integer", "array", "object"];

    /// <summary>Parses the output; null if it does not describe a tool.</summary>
    public static ToolboxDescription? Read(string output)
    {
        try
        {
            return Parse(output) is JsonNode json ? OfJson(json) : OfText(output);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // A repeated name and half a surrogate pair are found only when the node with them is read.
            return null;
        }
    }

    /// <summary>Gets the input in the format of the tool.</summary>
    /// <param name="input">A JSON object.</param>
    public string Input(string input)
    {
        if (!IsText)
        {
            return input;
        }

        StringBuilder text = new();
        foreach ((string name, JsonNode? value) in Parse(input) as JsonObject ?? [])
        {
            AddText(text, name, value);
        }

        return text.Length == 0 ? "\n" : text.ToString();
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ToolboxDescription? OfJson(JsonNode json)
    {
        if (json is not JsonObject told || TextOf(told["name"]) is not string name)
        {
            return null;
        }

        JsonNode? schema = told["args"] is JsonObject arguments
            ? Schema(arguments.Select(argument => (argument.Key, Argument(argument.Value), false)), isClosed: false)
            : told["inputSchema"]?.DeepClone() ?? Schema([], isClosed: false);
        if (schema is JsonObject { Count: > 0 } properties && !properties.ContainsKey("type"))
        {
            properties["type"] = "object";
        }

        return Make(name, TextOf(told["description"]), schema, isText: false);
    }

    private static ToolboxDescription? OfText(string output)
    {
        string? name = null;
        List<string> description = [];
        Dictionary<string, (JsonObject Schema, bool IsOptional)> arguments = [];
        foreach (string line in output.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string key = colon < 0 ? string.Empty : line[..colon].Trim();
            string value = colon < 0 ? string.Empty : line[(colon + 1)..].Trim();
            if (key.Length == 0 || value.Length == 0)
            {
                continue;
            }

            if (key == "name" && name is null)
            {
                name = value;
            }
            else if (key == "description")
            {
                description.Add(value);
            }
            else
            {
                arguments[key] = TextArgument(value);
            }
        }

        return name is null ? null : Make(
            name,
            string.Join('\n', description),
            Schema(arguments.Select(argument => (argument.Key, argument.Value.Schema, !argument.Value.IsOptional)), isClosed: true),
            isText: true);
    }

    private static ToolboxDescription? Make(string name, string? description, JsonNode? schema, bool isText)
    {
        string clean = Hyphens().Replace(Others().Replace(Blanks().Replace(name, "-"), string.Empty), "-").Trim('-');
        clean = TruncatedText.Start(clean, LongestName);
        return schema is null ? null : new ToolboxDescription(
            clean.Length == 0 ? "tool" : clean,
            string.IsNullOrWhiteSpace(description) ? name : description,
            schema.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
            isText);
    }

    private static JsonObject Schema(IEnumerable<(string Name, JsonObject Schema, bool IsRequired)> arguments, bool isClosed)
    {
        JsonObject properties = [];
        JsonArray required = [];
        foreach ((string name, JsonObject schema, bool isRequired) in arguments)
        {
            properties[name] = schema;
            if (isRequired)
            {
                required.Add((JsonNode)name);
            }
        }

        JsonObject whole = new() { ["type"] = "object", ["properties"] = properties, ["required"] = required };
        if (isClosed)
        {
            whole["additionalProperties"] = false;
        }

        return whole;
    }

    // ["string", "which one"], ["which one"], {"type": ..., "description": ...} or something invalid.
    private static JsonObject Argument(JsonNode? value) => value switch
    {
        JsonArray { Count: 1 } list => Argument("string", TextOf(list[0])),
        JsonArray { Count: > 1 } list => Argument(TextOf(list[0]), TextOf(list[1])),
        JsonObject told => Argument(TextOf(told["type"]), TextOf(told["description"])),
        _ => Argument(null, null),
    };

    private static JsonObject Argument(string? type, string? description) => new()
    {
        ["type"] = s_types.Contains(type) ? type : "string",
        ["description"] = string.IsNullOrEmpty(description) ? AnyArgument : description,
    };

    // "integer? how many", "string optional: which", "which one".
    private static (JsonObject Schema, bool IsOptional) TextArgument(string value)
    {
        int blank = value.IndexOf(' ', StringComparison.Ordinal);
        string type = blank < 0 ? string.Empty : value[..blank];
        bool isMarked = type.EndsWith('?');
        type = (isMarked ? type[..^1] : type).ToLowerInvariant();
        return blank > 0 && s_types.Contains(type)
            ? (Argument(type, value[(blank + 1)..].Trim()), isMarked || Optional().IsMatch(value[(blank + 1)..].Trim()))
            : (Argument("string", value), Optional().IsMatch(value));
    }

    private static void AddText(StringBuilder text, string name, JsonNode? value)
    {
        switch (value)
        {
            case JsonArray list:
                for (int i = 0; i < list.Count; i++)
                {
                    AddText(text, $"{name}_{i}", list[i]);
                }

                break;
            case JsonObject properties:
                foreach ((string inner, JsonNode? one) in properties)
                {
                    AddText(text, $"{name}_{inner}", one);
                }

                break;
            default:
                text.Append(name).Append(": ").Append(TextOf(value) ?? value?.ToJsonString() ?? "null").Append('\n');
                break;
        }
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("[^A-Za-z0-9_-]")]
    private static partial Regex Others();

    [GeneratedRegex("-+")]
    private static partial Regex Hyphens();

    [GeneratedRegex(@"^\(?optional\)?(\s|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Optional();
}
