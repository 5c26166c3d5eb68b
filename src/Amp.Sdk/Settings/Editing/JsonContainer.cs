using System.Text.Json;

namespace Amp.Settings.Editing;

/// <summary>A list or an object in the text of a settings file, with the places of what is in it, in bytes.</summary>
/// <param name="Open">Where its bracket stands.</param>
/// <param name="Close">Where the bracket that closes it stands.</param>
/// <param name="Items">What is in it.</param>
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
    /// <param name="Start">Where it begins, with its name.</param>
    /// <param name="Value">Where its value begins.</param>
    /// <param name="End">Behind its last byte; a comma is not part of it.</param>
    internal readonly record struct Item(string? Name, int Start, int Value, int End);

    /// <summary>Reads the list or the object that begins at a place.</summary>
    /// <exception cref="JsonException">The text is broken.</exception>
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
