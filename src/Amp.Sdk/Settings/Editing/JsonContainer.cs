using System.Text.Json;

namespace Amp.Settings.Editing;

/// <summary>A list or an object in the text of a settings file, with the byte positions of its items.</summary>
/// <param name="Open">The position of the opening bracket.</param>
/// <param name="Close">The position of the closing bracket.</param>
/// <param name="Items">The items.</param>
internal sealed record JsonContainer(int Open, int Close, IReadOnlyList<JsonContainer.Item> Items)
{
    private static readonly JsonReaderOptions s_options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 128,
    };

    /// <summary>A value, or a name with its value.</summary>
    /// <param name="Name">The name, in an object.</param>
    /// <param name="Start">The start position, including the name.</param>
    /// <param name="Value">The start position of the value.</param>
    /// <param name="End">The position after the last byte, without a comma.</param>
    internal readonly record struct Item(string? Name, int Start, int Value, int End);

    /// <summary>Reads the list or object at a position.</summary>
    /// <exception cref="JsonException">The text is invalid.</exception>
    public static JsonContainer Read(ReadOnlySpan<byte> json, int start)
    {
        Utf8JsonReader reader = new(json[start..], isFinalBlock: true, new JsonReaderState(s_options));
        reader.Read();
        int open = start + (int)reader.TokenStartIndex;
        List<Item> items = [];
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            int itemStart = start + (int)reader.TokenStartIndex;
            string? name = null;
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                name = reader.GetString();
                reader.Read();
            }

            int value = start + (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(new Item(name, itemStart, value, start + (int)reader.BytesConsumed));
        }

        return new JsonContainer(open, start + (int)reader.TokenStartIndex, items);
    }
}
