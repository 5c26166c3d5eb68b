using System.Text.Json;

namespace Amp.LocalService.Threads;

/// <summary>Finds threads whose title, ID or messages hold every word of a query.</summary>
internal static class ThreadSearch
{
    public static IEnumerable<StoredThread> Find(IEnumerable<StoredThread> threads, string query)
    {
        string[] words = query.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('"')).ToArray();
        return threads.Where(thread => Array.TrueForAll(words, word => Holds(thread, word)));
    }

    private static bool Holds(StoredThread thread, string word)
    {
        if (thread.Title?.Contains(word, StringComparison.OrdinalIgnoreCase) == true
            || thread.Id.Equals(word, StringComparison.OrdinalIgnoreCase)
            || thread.Labels.Any(label => ("label:" + label).Equals(word, StringComparison.OrdinalIgnoreCase)))
        {
            return true;
        }

        using JsonDocument document = JsonDocument.Parse(thread.Json);
        return ThreadReader.Messages(document.RootElement).Any(message => message.Text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}
