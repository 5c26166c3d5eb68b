using System.Buffers;
using System.Text.Json;
using Amp.Messages;
using Amp.Text;

namespace Amp;

/// <summary>A user message in a conversation with the agent.</summary>
public sealed class UserInputMessage
{
    /// <summary>The maximum number of images in a message: 4.</summary>
    public const int MostImages = ImageLimits.MostInMessage;

    /// <summary>Creates a text message.</summary>
    /// <exception cref="AmpValidationException">The text is empty.</exception>
    public UserInputMessage(string text)
        : this(text, [])
    {
    }

    /// <summary>Creates a message with text and images.</summary>
    /// <param name="text">The text.</param>
    /// <param name="images">The images, at most 4, in the order in which the model gets them.</param>
    /// <exception cref="AmpValidationException">The text is empty, or there are too many images.</exception>
    public UserInputMessage(string text, IEnumerable<InputImage> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new AmpValidationException("The message is empty.", nameof(Text), "Describe the task for the agent.");
        }

        Text = text;
        Images = ReadableList<InputImage>.Of(images);
        CheckImages(Images);
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>The images; empty for none.</summary>
    public IReadOnlyList<InputImage> Images { get; }

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;

    /// <summary>
    /// Gets the line for the CLI. It consists of ASCII, because the CLIs of 2026 decode each chunk of a pipe separately, which damages
    /// other characters at the boundaries.
    /// </summary>
    internal ReadOnlyMemory<byte> ToLine()
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter writer = new(line))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "user"u8);
            writer.WriteStartObject("message"u8);
            writer.WriteString("role"u8, "user"u8);
            writer.WriteStartArray("content"u8);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "text"u8);

            // The default encoder escapes all characters except ASCII.
            writer.WriteString("text"u8, Text);
            writer.WriteEndObject();
            foreach (InputImage image in Images)
            {
                WriteImage(writer, image);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenMemory;
    }

    /// <summary>Gets the same message with other text.</summary>
    internal UserInputMessage WithText(string text) => new(text, Images);

    /// <summary>Checks the images of one message.</summary>
    /// <exception cref="AmpValidationException">There are too many, or one of them is null.</exception>
    internal static void CheckImages(IReadOnlyList<InputImage> images)
    {
        if (images.Contains(null!))
        {
            throw new AmpValidationException("One of the images is null.", nameof(AmpOptions.Images), "Omit it.");
        }

        if (images.Count > ImageLimits.MostInMessage)
        {
            throw TooMany(images.Count);
        }
    }

    /// <summary>Creates the error about too many images.</summary>
    internal static AmpValidationException TooMany(int count) => new(
        $"There are {count} or more images; a message can have at most {ImageLimits.MostInMessage}.",
        nameof(AmpOptions.Images),
        "Give fewer images, or ask about them in several messages of a conversation.",
        count);

    private static void WriteImage(Utf8JsonWriter writer, InputImage image)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "image"u8);
        if (image.Path is string path)
        {
            writer.WriteString("source_path"u8, path);
        }

        writer.WriteStartObject("source"u8);
        writer.WriteString("type"u8, "base64"u8);
        writer.WriteString("media_type"u8, image.MediaType);
        writer.WriteBase64String("data"u8, image.Data.Span);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
