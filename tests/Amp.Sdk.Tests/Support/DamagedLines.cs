using System.Text.Json.Nodes;

namespace Amp.Sdk.Tests.Support;

/// <summary>Makes of one good line many that lack a field or have one of another shape, at every depth.</summary>
internal static class DamagedLines
{
    private static readonly string[] s_shapes = ["null", "7", "2.5", "\"text\"", "true", "false", "[]", "[1,\"a\"]", "{}", "{\"a\":{\"b\":[null]}}"];

    public static IEnumerable<JsonNode> Of(JsonObject line)
    {
        foreach (object[] path in Paths(line, []))
        {
            yield return Changed(line, path, (owner, key) => Remove(owner, key));
            foreach (string shape in s_shapes)
            {
                yield return Changed(line, path, (owner, key) => Set(owner, key, JsonNode.Parse(shape)));
            }
        }
    }

    private static IEnumerable<object[]> Paths(JsonNode? node, object[] path)
    {
        IEnumerable<(object Key, JsonNode? Value)> children = node switch
        {
            JsonObject fields => fields.Select(field => ((object)field.Key, field.Value)),
            JsonArray items => items.Take(3).Select((item, i) => ((object)i, item)),
            _ => [],
        };
        foreach ((object key, JsonNode? value) in children)
        {
            object[] own = [.. path, key];
            yield return own;
            foreach (object[] deeper in Paths(value, own))
            {
                yield return deeper;
            }
        }
    }

    private static JsonNode Changed(JsonObject line, object[] path, Action<JsonNode, object> change)
    {
        JsonNode copy = line.DeepClone();
        JsonNode owner = copy;
        foreach (object key in path.SkipLast(1))
        {
            owner = key is int index ? owner[index]! : owner[(string)key]!;
        }

        change(owner, path[^1]);
        return copy;
    }

    private static void Remove(JsonNode owner, object key)
    {
        if (key is int index)
        {
            owner.AsArray().RemoveAt(index);
        }
        else
        {
            owner.AsObject().Remove((string)key);
        }
    }

    private static void Set(JsonNode owner, object key, JsonNode? value)
    {
        if (key is int index)
        {
            owner[index] = value;
        }
        else
        {
            owner[(string)key] = value;
        }
    }
}
