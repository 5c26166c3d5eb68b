using System.Text.Json;
using Amp.Json;

namespace Amp.Messages;

/// <summary>Reads the <c>content</c> of a message: a list of blocks, or a string, which becomes a text block.</summary>
internal static class ContentReader
{
    public static ContentBlock[] Read(ref JsonReader reader, ref AdditionalFields additional)
    {
        JsonReader name = reader;
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return [new TextContent(JsonText.String(ref reader), default)];
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

    /// <summary>Reads the block at which the reader is.</summary>
    public static ContentBlock ReadBlock(ref JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            AdditionalFields odd = default;
            odd.Add("value", JsonValue.Read(ref reader));
            return new UnknownContent(string.Empty, odd);
        }

        BlockFields block = default;
        while (JsonText.NextField(ref reader))
        {
            block.Take(ref reader);
        }

        return block.ToContent();
    }

    // The type can come after the fields that depend on it, so the fields are collected first.
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
                _type = JsonField.RecurringString(ref reader, ref _additional);
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
                _name = JsonField.RecurringString(ref reader, ref _additional);
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
                    KeepUnused(Shown.Text);
                    return new TextContent(_text ?? string.Empty, _additional);
                case "thinking":
                    KeepUnused(Shown.Thinking);
                    return new ThinkingContent(_thinking ?? string.Empty, _additional);
                case "tool_use":
                    KeepUnused(Shown.Call);
                    return new ToolUseContent(_id, _name, _input, _additional);
                case "tool_result":
                    KeepUnused(Shown.Result);
                    return new ToolResultContent(_toolUseId, _content, _isError ?? false, _additional);
                default:
                    KeepUnused(Shown.Nothing);
                    return new UnknownContent(_type ?? string.Empty, _additional);
            }
        }

        // For example, a text block with an "id", which has no property.
        private void KeepUnused(Shown shown)
        {
            Keep("text", shown == Shown.Text ? null : _text);
            Keep("thinking", shown == Shown.Thinking ? null : _thinking);
            Keep("id", shown == Shown.Call ? null : _id);
            Keep("name", shown == Shown.Call ? null : _name);
            Keep("input", shown == Shown.Call ? null : _input);
            Keep("tool_use_id", shown == Shown.Result ? null : _toolUseId);
            Keep("content", shown == Shown.Result ? null : _content);
            Keep("is_error", shown == Shown.Result ? null : _isError);
        }

        private void Keep(string name, object? value)
        {
            if (value is not null)
            {
                _additional.Add(name, value);
            }
        }

        private enum Shown
        {
            Nothing,
            Text,
            Thinking,
            Call,
            Result,
        }
    }
}
