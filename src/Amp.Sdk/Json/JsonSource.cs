using System.Text.Json;
using System.Text.Unicode;
using Amp.Files;

namespace Amp.Json;

/// <summary>Reads JSON that users write: comments and trailing commas are allowed, and an error contains its position.</summary>
internal static class JsonSource
{
    private static readonly JsonDocumentOptions s_options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 128,
    };

    /// <summary>Reads a file that must contain one JSON object.</summary>
    /// <exception cref="AmpValidationException">The file cannot be read, or contains something else.</exception>
    public static JsonDocument ReadObject(string path, string optionName) => ParseObject(Read(path, optionName), $"'{path}'", optionName);

    private static byte[] Read(string path, string optionName)
    {
        try
        {
            return BoundedFile.Read(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpValidationException(
                $"'{path}' cannot be read: {exception.Message}", optionName, "Check the path, its permissions, and that it is a regular file of at most 16 MB.", path);
        }
    }

    /// <summary>
    /// Reads settings that the CLI reads too; null if they do not exist or are empty. Settings that cannot be evaluated are an error: the
    /// CLI accepts deeper, larger and less strict files than this library, so such a file could remove a rule unnoticed.
    /// </summary>
    /// <exception cref="AmpValidationException">The settings cannot be read, or are not a JSON object.</exception>
    public static JsonElement? ReadSettings(string? path)
    {
        if (!BoundedFile.IsThere(path))
        {
            return null;
        }

        return ParseSettings(Read(path!, AmpOptionName.SettingsFile), $"'{path}'");
    }

    /// <summary>Parses the content of such settings; null if it is empty.</summary>
    /// <param name="bytes">The content.</param>
    /// <param name="source">The name of the settings in an error.</param>
    /// <exception cref="AmpValidationException">The settings are not a JSON object.</exception>
    public static JsonElement? ParseSettings(ReadOnlyMemory<byte> bytes, string source)
    {
        if (bytes.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return null;
        }

        // Also in a comment, because a rule is compared with its complete text.
        if (!Utf8.IsValid(bytes.Span))
        {
            throw NoText(source, AmpOptionName.SettingsFile);
        }

        using JsonDocument settings = ParseObject(bytes, source, AmpOptionName.SettingsFile);
        return settings.RootElement.Clone();
    }

    private static AmpValidationException NoText(string source, string optionName) => new(
        $"{source} contains an incomplete character: an unpaired surrogate, or bytes that are not valid UTF-8.",
        optionName,
        "Remove it: a text with it cannot be read or written.",
        source);

    // JavaScript has strings that are invalid in .NET. Reading or writing one would fail elsewhere.
    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is not null,
                JsonValueKind.Array => value.EnumerateArray().All(IsText),
                JsonValueKind.Object => value.EnumerateObject().All(property => property.Name is not null && IsText(property.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Parses a text that must be one JSON object.</summary>
    /// <param name="json">The text in UTF-8, with or without a byte order mark.</param>
    /// <param name="source">The name of the text in an error.</param>
    /// <param name="optionName">The option that contains it.</param>
    /// <exception cref="AmpValidationException">The text is something else, or contains half a surrogate pair.</exception>
    public static JsonDocument ParseObject(ReadOnlyMemory<byte> json, string source, string optionName)
    {
        if (json.Span.StartsWith("\uFEFF"u8))
        {
            json = json[3..];
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, s_options);
        }
        catch (JsonException exception)
        {
            // Its own message quotes the text, which may contain a token.
            throw new AmpValidationException(
                $"{source} is not valid JSON: line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}.",
                optionName,
                "Fix the error there. Comments and trailing commas are allowed.",
                source);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            if (IsText(document.RootElement))
            {
                return document;
            }

            document.Dispose();
            throw NoText(source, optionName);
        }

        document.Dispose();
        throw new AmpValidationException(
            $"{source} does not contain a JSON object.", optionName, "It must begin with '{' and end with '}'.", source);
    }
}
