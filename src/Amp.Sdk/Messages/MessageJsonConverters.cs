using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amp.Json;
using Amp.Messages;

namespace Amp;

/// <summary>
/// Writes a message as the CLI's line and reads it again. You do not have to register it: <c>JsonSerializer</c> uses it for the types of messages, also with
/// source generation.
/// </summary>
/// <typeparam name="T">The type of the message.</typeparam>
public sealed class StreamMessageJsonConverter<T> : JsonConverter<T>
    where T : StreamMessage
{
    /// <summary>Reads a message.</summary>
    /// <exception cref="JsonException">The JSON is not an object, or a message of another type.</exception>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        StreamMessage message = new MessageParser().Parse(MessageJson.ReadObject(ref reader));
        return message as T ?? throw new JsonException($"The JSON is a {message.GetType().Name}, not a {typeof(T).Name}.");
    }

    /// <summary>Writes the line of the message. Options for names and indentation have no effect.</summary>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);

        // The line was checked when it was read, and may have strings of JavaScript that .NET does not accept.
        writer.WriteRawValue(value.Line, skipInputValidation: true);
    }
}

/// <summary>Writes a content block as the CLI does and reads it again. You do not have to register it.</summary>
/// <typeparam name="T">The type of the block.</typeparam>
public sealed class ContentBlockJsonConverter<T> : JsonConverter<T>
    where T : ContentBlock
{
    /// <summary>Reads a block.</summary>
    /// <exception cref="JsonException">The JSON is not an object, or a block of another type.</exception>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        JsonReader json = JsonText.Open(MessageJson.ReadObject(ref reader));
        json.Read();
        ContentBlock block = ContentReader.ReadBlock(ref json);
        return block as T ?? throw new JsonException($"The JSON is a {block.GetType().Name}, not a {typeof(T).Name}.");
    }

    /// <summary>Writes the fields of the block. Options for names have no effect.</summary>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        value.WriteTo(writer);
    }
}

/// <summary>Takes a message out of other JSON.</summary>
internal static class MessageJson
{
    /// <summary>Gets an object as a line.</summary>
    /// <exception cref="JsonException">The JSON is not an object.</exception>
    public static byte[] ReadObject(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"The JSON is not an object but a {reader.TokenType}.");
        }

        using JsonDocument document = JsonDocument.ParseValue(ref reader);

        byte[] json = Encoding.UTF8.GetBytes(document.RootElement.GetRawText());

        // Indented JSON: inside a string, a line break is always an escape.
        return json.AsSpan().IndexOfAny("\r\n"u8) < 0 ? json : [.. json.Where(one => one is not ((byte)'\n' or (byte)'\r'))];
    }
}
