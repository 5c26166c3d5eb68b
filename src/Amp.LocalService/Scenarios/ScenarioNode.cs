using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.LocalService.Scenarios;

/// <summary>A value of a scenario file that knows its place, so that every complaint can name it.</summary>
internal readonly struct ScenarioNode(JsonElement element, string path, string source)
{
    public ScenarioFormatException Error(string reason, Exception? innerException = null) => new(source, path, reason, innerException);

    public string Text() => element.ValueKind == JsonValueKind.String
        ? element.GetString()!
        : throw Error($"expected text, found {Kind()}");

    public bool Flag() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Error($"expected true or false, found {Kind()}"),
    };

    public int Number(int minimum, int maximum = int.MaxValue)
    {
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int value))
        {
            throw Error($"expected a whole number, found {(element.ValueKind == JsonValueKind.Number ? element.GetRawText() : Kind())}");
        }

        return value >= minimum && value <= maximum
            ? value
            : throw Error(maximum == int.MaxValue
                ? $"{value} is less than {minimum}"
                : $"{value} is not between {minimum} and {maximum}");
    }

    public TimeSpan Milliseconds() => TimeSpan.FromMilliseconds(Number(0));

    public JsonObject JsonObject() => element.ValueKind == JsonValueKind.Object
        ? System.Text.Json.Nodes.JsonObject.Create(element)!.DeepClone().AsObject()
        : throw Error($"expected an object, found {Kind()}");

    public IEnumerable<ScenarioNode> Items()
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            throw Error($"expected a list, found {Kind()}");
        }

        var items = new List<ScenarioNode>();
        foreach (JsonElement item in element.EnumerateArray())
        {
            items.Add(new ScenarioNode(item, $"{path}[{items.Count}]", source));
        }

        return items;
    }

    /// <summary>The members of an object whose names are the writer's own.</summary>
    public Dictionary<string, ScenarioNode> NamedMembers() => Members(element.ValueKind == JsonValueKind.Object
        ? [.. element.EnumerateObject().Select(property => property.Name)]
        : []);

    /// <summary>The members of an object, all of which must be among <paramref name="known"/>.</summary>
    public Dictionary<string, ScenarioNode> Members(params string[] known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Error($"expected an object, found {Kind()}");
        }

        var members = new Dictionary<string, ScenarioNode>(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            var member = new ScenarioNode(property.Value, $"{path}.{property.Name}", source);
            // Ignored in silence, a misspelt name would make a test pass that tests nothing.
            if (!known.Contains(property.Name, StringComparer.Ordinal))
            {
                throw member.Error($"unknown name; known here are {string.Join(", ", known)}");
            }

            if (!members.TryAdd(property.Name, member))
            {
                throw member.Error("given twice");
            }
        }

        return members;
    }

    public bool IsText => element.ValueKind == JsonValueKind.String;

    private string Kind() => element.ValueKind switch
    {
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.Null => "null",
        _ => element.GetRawText(),
    };
}
