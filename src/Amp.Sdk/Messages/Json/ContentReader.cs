using System.Text.Json;

namespace Amp.Messages.Json;

/// <summary>Reads the <c>content</c> of a message: a list of blocks, or one string, which is a text block then.</summary>
internal static class ContentReader
{
    public static ContentBlock[] Read(ref JsonReader reader, ref AdditionalFields additional)
    {
        JsonReader name = reader;
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return [new TextContent(JsonText.String(ref reader), new())];
            case JsonTokenType.StartArray:
                List<ContentBlock> blocks = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    blocks.Add(ReadBlock(ref reader));
                }

                return [.. blocks];
            case JsonTokenType.Null:
                return [];
            default:
                additional.Keep(ref name);
                reader = name;
                return [];
        }
    }

    private static ContentBlock ReadBlock(ref JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            AdditionalFields odd = default;
            odd.Add("value", JsonValue.Read(ref reader));
            return new UnknownContent(string.Empty, odd.Properties);
        }

        BlockFields block = default;
        while (JsonText.NextField(ref reader))
        {
            block.Take(ref reader);
        }

        return block.ToContent();
    }

    // The type may stand after the fields that it explains, so these are collected first.
    private struct BlockFields
    {
        private string? _type;
        private string? _text;
        private string? _thinking;
        private string? _id;
        private string? _name;
        private string? _toolUseId;
        private object? _input;
        private object? _content;
        private bool? _isError;
        private AdditionalFields _additional;

        public void Take(ref JsonReader reader)
        {
            if (JsonText.Is(ref reader, "type"u8))
            {
                _type = JsonField.String(ref reader, ref _additional);
            }
            else if (JsonText.Is(ref reader, "text"u8))
            {
                _text = JsonField.String(ref reader, ref _additional);
            }
            else if (JsonText.Is(ref reader, "id"u8))
            {
                _id = JsonField.String(ref reader, ref _additional);
            }
            else if (JsonText.Is(ref reader, "name"u8))
            {
                _name = JsonField.String(ref reader, ref _additional);
            }
            else if (JsonText.Is(ref reader, "input"u8))
            {
                _input = JsonField.Any(ref reader);
            }
            else if (JsonText.Is(ref reader, "tool_use_id"u8))
            {
                _toolUseId = JsonField.String(ref reader, ref _additional);
            }
            else if (JsonText.Is(ref reader, "content"u8))
            {
                _content = JsonField.Any(ref reader);
            }
            else if (JsonText.Is(ref reader, "is_error"u8))
            {
                _isError = JsonField.Boolean(ref reader, ref _additional);
            }
            else if (JsonText.Is(ref reader, "thinking"u8))
            {
                _thinking = JsonField.String(ref reader, ref _additional);
            }
            else
            {
                _additional.Keep(ref reader);
            }
        }

        public ContentBlock ToContent()
        {
            switch (_type)
            {
                case "text":
                    KeepUnused("text");
                    return new TextContent(_text ?? string.Empty, _additional.Properties);
                case "thinking":
                    KeepUnused("thinking");
                    return new ThinkingContent(_thinking ?? string.Empty, _additional.Properties);
                case "tool_use":
                    KeepUnused("id", "name", "input");
                    return new ToolUseContent(_id, _name, _input, _additional.Properties);
                case "tool_result":
                    KeepUnused("tool_use_id", "content", "is_error");
                    return new ToolResultContent(_toolUseId, _content, _isError ?? false, _additional.Properties);
                default:
                    KeepUnused();
                    return new UnknownContent(_type ?? string.Empty, _additional.Properties);
            }
        }

        // A text block with an "id", say: no property of its kind shows it.
        private void KeepUnused(params string[] except)
        {
            Keep("text", _text, except);
            Keep("thinking", _thinking, except);
            Keep("id", _id, except);
            Keep("name", _name, except);
            Keep("input", _input, except);
            Keep("tool_use_id", _toolUseId, except);
            Keep("content", _content, except);
            Keep("is_error", _isError, except);
        }

        private void Keep(string name, object? value, string[] except)
        {
            if (value is not null && Array.IndexOf(except, name) < 0)
            {
                _additional.Add(name, value);
            }
        }
    }
}
