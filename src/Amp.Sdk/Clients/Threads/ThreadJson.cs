using System.Globalization;
using System.Text.Json;
using Amp.Json;
using Amp.Options;

namespace Amp.Clients.Threads;

/// <summary>Reads the JSON of <c>threads list --json</c>, <c>threads search --json</c> and <c>threads export</c>.</summary>
internal static class ThreadJson
{
    /// <summary>Reads a list of threads.</summary>
    /// <param name="text">The standard output of the CLI.</param>
    /// <param name="unreadable">Creates the error from its description and the text with the problem.</param>
    public static ThreadRows Read(string text, Func<string, string, Exception> unreadable)
    {
        using JsonDocument document = Parse(text, unreadable);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw unreadable("is not a list of threads", text);
        }

        return new ThreadRows([.. document.RootElement.EnumerateArray().Select(item => Thread(item, unreadable))], HasMore: false);
    }

    /// <summary>Reads a whole thread.</summary>
    public static AmpThread ReadExport(string text, Func<string, string, Exception> unreadable)
    {
        using JsonDocument document = Parse(text, unreadable);
        AmpThread thread = Thread(document.RootElement, unreadable);
        return thread with
        {
            MessageCount = Member(document.RootElement, "messages") is { ValueKind: JsonValueKind.Array } messages
                ? messages.EnumerateArray().Count(IsOfUser)
                : null,
        };
    }

    /// <summary>Checks that a text is JSON and contains a whole thread.</summary>
    public static void Check(string text, Func<string, string, Exception> unreadable)
    {
        using JsonDocument document = Parse(text, unreadable);
        Thread(document.RootElement, unreadable);
    }

    private static JsonDocument Parse(string text, Func<string, string, Exception> unreadable)
    {
        try
        {
            // The input of a tool is in it, as deep as the agent wrote it.
            return JsonDocument.Parse(text, JsonReader.DocumentOptions);
        }
        catch (JsonException)
        {
            throw unreadable("is not valid JSON", text);
        }
    }

    private static AmpThread Thread(JsonElement item, Func<string, string, Exception> unreadable)
    {
        if (item.ValueKind != JsonValueKind.Object || Text(item, "id") is not { } text || ThreadReference.TryParse(text) is not { } id)
        {
            throw unreadable("has an entry that is not a thread", item.GetRawText());
        }

        // "updated" in lists, "updatedAt" in search results.
        string? written = Text(item, "updated") ?? Text(item, "updatedAt");
        DateTimeOffset updated = default;
        if (written is not null
            && !DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out updated))
        {
            throw unreadable("has an entry with a date that cannot be read", item.GetRawText());
        }

        return new AmpThread
        {
            Id = id,
            Title = Text(item, "title") is { Length: > 0 } title ? title : null,
            Updated = written is null ? null : updated,
            MessageCount = Member(item, "messageCount") is { ValueKind: JsonValueKind.Number } count && count.TryGetInt32(out int number)
                ? number
                : null,
            Folder = Text(item, "tree"),
        };
    }

    // Tool results are user messages to the model too.
    private static bool IsOfUser(JsonElement message) =>
        Text(message, "role") == "user"
        && Member(message, "content") is { ValueKind: JsonValueKind.Array } content
        && content.EnumerateArray().Any(block => Text(block, "type") == "text");

    private static string? Text(JsonElement item, string name) =>
        Member(item, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement? Member(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out JsonElement value) ? value : null;
}
