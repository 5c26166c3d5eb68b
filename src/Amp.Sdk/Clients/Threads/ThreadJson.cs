using System.Collections.Specialized;
using System.Globalization;
using Amp.Json;
using Amp.Options;
using Amp.Tools;

namespace Amp.Clients.Threads;

/// <summary>Reads the JSON of <c>threads list --json</c>, <c>threads search --json</c> and <c>threads export</c>.</summary>
internal static class ThreadJson
{
    /// <summary>Reads a list of threads.</summary>
    /// <param name="text">The standard output of the CLI.</param>
    /// <param name="unreadable">Creates the error from its description and the text with the problem.</param>
    public static ThreadRows Read(string text, Func<string, string, Exception> unreadable) =>
        Parse(text, unreadable) is object?[] items
            ? new ThreadRows([.. items.Select(item => Thread(item, unreadable))], HasMore: false)
            : throw unreadable("is not a list of threads", text);

    /// <summary>Reads a whole thread.</summary>
    public static AmpThread ReadExport(string text, Func<string, string, Exception> unreadable)
    {
        object value = Parse(text, unreadable);
        return Thread(value, unreadable) with
        {
            MessageCount = (value as OrderedDictionary)?["messages"] is object?[] messages
                ? messages.OfType<OrderedDictionary>().Count(IsOfUser)
                : null,
        };
    }

    /// <summary>Checks that a text is JSON and contains a whole thread.</summary>
    public static void Check(string text, Func<string, string, Exception> unreadable) => Thread(Parse(text, unreadable), unreadable);

    /// <summary>Gets the title of a whole thread; null if it has none.</summary>
    public static string? TitleOf(string text) => (JsonValue.ParseOrNull(text) as OrderedDictionary)?["title"] as string;

    // As plain objects, because the documents of .NET throw for half a surrogate pair, which JavaScript writes.
    private static object Parse(string text, Func<string, string, Exception> unreadable) =>
        JsonValue.ParseOrNull(text) ?? throw unreadable("is not valid JSON", text);

    private static AmpThread Thread(object? value, Func<string, string, Exception> unreadable)
    {
        if (value is not OrderedDictionary item || item["id"] is not string text || ThreadReference.TryParse(text) is not string id)
        {
            throw unreadable("has an entry that is not a thread", CallView.Json(value));
        }

        // "updated" in lists, "updatedAt" in search results.
        string? written = item["updated"] as string ?? item["updatedAt"] as string;
        DateTimeOffset updated = default;
        if (written is not null
            && !DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out updated))
        {
            throw unreadable("has an entry with a date that cannot be read", CallView.Json(value));
        }

        return new AmpThread
        {
            Id = id,
            Title = item["title"] is string { Length: > 0 } title ? title : null,
            Updated = written is null ? null : updated,
            MessageCount = item["messageCount"] is long count and >= int.MinValue and <= int.MaxValue ? (int)count : null,
            Folder = item["tree"] as string,
        };
    }

    // Tool results are user messages to the model too.
    private static bool IsOfUser(OrderedDictionary message) =>
        message["role"] is "user"
        && message["content"] is object?[] content
        && content.OfType<OrderedDictionary>().Any(block => block["type"] is "text");
}
