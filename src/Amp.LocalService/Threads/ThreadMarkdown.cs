using System.Text;
using System.Text.Json;

namespace Amp.LocalService.Threads;

/// <summary>Shows a thread as Markdown, which the CLI's tool for reading other threads asks for.</summary>
internal static class ThreadMarkdown
{
    public static string Render(StoredThread thread)
    {
        using JsonDocument document = JsonDocument.Parse(thread.Json);
        var text = new StringBuilder($"# {thread.Title ?? "Untitled"}\n");
        foreach ((string role, string words) in ThreadReader.Messages(document.RootElement).Where(message => message.Text.Length > 0))
        {
            text.Append(role == "user" ? "\n## User\n\n" : "\n## Assistant\n\n").Append(words).Append('\n');
        }

        return text.ToString();
    }
}
