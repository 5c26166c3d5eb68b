using System.Globalization;
using Amp.Files;
using Amp.Messages;
using Amp.Text;

namespace Amp;

/// <summary>
/// An image for the agent, as part of a prompt or a user message. It is read and checked when it is created, so a run never starts with an image
/// that the CLI would refuse.
/// </summary>
public sealed class InputImage
{
    private InputImage(ReadOnlyMemory<byte> data, ImageFacts facts, string? path)
    {
        Data = data;
        Path = path;
        MediaType = facts.MediaType;
        Width = facts.Width;
        Height = facts.Height;
        IsAnimated = facts.IsAnimated;
    }

    /// <summary>The full path of the file, which the agent also gets; null if the image was created from bytes.</summary>
    public string? Path { get; }

    /// <summary>
    /// The media type, which is determined from the bytes: <c>image/png</c>, <c>image/jpeg</c>, <c>image/gif</c> or <c>image/webp</c>. The name of the file does not matter.
    /// </summary>
    public string MediaType { get; }

    /// <summary>The width in pixels.</summary>
    public int Width { get; }

    /// <summary>The height in pixels.</summary>
    public int Height { get; }

    /// <summary>The size in bytes.</summary>
    public int Length => Data.Length;

    /// <summary>Whether the image has more than one frame. The service decides how many of them the model sees.</summary>
    public bool IsAnimated { get; }

    internal ReadOnlyMemory<byte> Data { get; }

    /// <summary>Reads an image from a file.</summary>
    /// <param name="path">The file. A relative path is resolved against the current directory of the process.</param>
    /// <exception cref="AmpValidationException">The file cannot be read, or is not an image that the CLI accepts.</exception>
    public static InputImage FromFile(string path)
    {
        if (string.IsNullOrEmpty(path))
        {
            throw Refuse("The path of an image is empty.", "Give the path of a PNG, JPEG, GIF or WebP file.", path);
        }

        string shown = $"'{TerminalText.Strip(path)}'";
        try
        {
            string full = System.IO.Path.GetFullPath(path);
            using FileStream file = BoundedFile.Open(full);
            return file.Length > ImageLimits.MostBytes
                ? throw TooLarge(shown, file.Length)
                : Of(BoundedFile.Read(full, ImageLimits.MostBytes), full, shown);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new AmpValidationException(
                $"The image {shown} cannot be read: {exception.Message}", nameof(AmpOptions.Images), "Give the path of an image that you can read.", path);
        }
    }

    /// <summary>Creates an image from its bytes, which are copied.</summary>
    /// <exception cref="AmpValidationException">The bytes are not an image that the CLI accepts.</exception>
    public static InputImage FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length > ImageLimits.MostBytes ? throw TooLarge("of the given bytes", bytes.Length) : Of(bytes.ToArray(), path: null, "of the given bytes");

    /// <summary>Reads an image from a stream, to its end.</summary>
    /// <param name="stream">The stream, which stays open.</param>
    /// <param name="cancellationToken">Cancels the read operation.</param>
    /// <exception cref="AmpValidationException">The bytes are not an image that the CLI accepts.</exception>
    public static async Task<InputImage> FromStreamAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using MemoryStream read = new();
        byte[] part = new byte[81920];
        int count;
        while ((count = await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false)) > 0)
        {
            read.Write(part, 0, count);
            if (read.Length > ImageLimits.MostBytes)
            {
                throw TooLarge("of the stream", read.Length);
            }
        }

        return Of(read.ToArray(), path: null, "of the stream");
    }

    /// <summary>Returns the type, the size in pixels and the path.</summary>
    public override string ToString() => $"{MediaType} {Width}x{Height}{(Path is null ? string.Empty : $" {Path}")}";

    private static InputImage Of(byte[] bytes, string? path, string shown)
    {
        if (bytes.Length == 0)
        {
            throw Refuse($"The image {shown} is empty.", "Give an image that has content.", path);
        }

        if (ImageFacts.Read(bytes) is not ImageFacts facts)
        {
            throw Refuse($"The image {shown} is not a PNG, JPEG, GIF or WebP image.", "Convert it to one of these types.", path);
        }

        if (!facts.IsComplete)
        {
            throw Refuse($"The image {shown} is not complete: the end of the {facts.MediaType} data is missing.", "Get the file again.", path);
        }

        return facts.Width > ImageLimits.LongestSide || facts.Height > ImageLimits.LongestSide
            ? throw Refuse(
                $"The image {shown} has {facts.Width} x {facts.Height} pixels; the maximum for each side is {ImageLimits.LongestSide}.", "Scale the image down.", path)
            : new InputImage(bytes, facts, path);
    }

    private static AmpValidationException TooLarge(string shown, long length) => Refuse(
        string.Create(CultureInfo.InvariantCulture, $"The image {shown} has {length:N0} bytes or more; the maximum is {ImageLimits.MostBytes:N0}."),
        "Scale the image down, or save it as JPEG.",
        length);

    private static AmpValidationException Refuse(string message, string wayOut, object? value) => new(message, nameof(AmpOptions.Images), wayOut, value);
}
