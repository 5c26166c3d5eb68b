using System.Text.Json;

namespace Amp.LocalService.Threads;

/// <summary>Reads what the service needs to know out of a thread's own JSON.</summary>
internal static class ThreadReader
{
    /// <summary>The thread, or null where the JSON is none.</summary>
    public static StoredThread? Read(JsonElement thread, DateTimeOffset now)
    {
        if (thread.ValueKind != JsonValueKind.Object || Text(thread, "id") is not { } id || !ThreadId.IsValid(id))
        {
            return null;
        }

        return new StoredThread
        {
            Id = id,
            Title = Text(thread, "title"),
            Created = Number(thread, "created") is { } created ? DateTimeOffset.FromUnixTimeMilliseconds(created) : now,
            UpdatedAt = now,
            Version = Number(thread, "v") ?? 0,
            MessageCount = Messages(thread).Count(message => message.Role == "user" && message.Text.Length > 0),
            AnswerCount = Messages(thread).Count(message => message.Role == "assistant"),
            IsArchived = thread.TryGetProperty("archived", out JsonElement archived) && archived.ValueKind == JsonValueKind.True,
            Json = thread.GetRawText(),
        };
    }

    /// <summary>The texts of all messages, one a message, with the role that said it.</summary>
    public static IEnumerable<(string Role, string Text)> Messages(JsonElement thread)
    {
        if (!thread.TryGetProperty("messages", out JsonElement messages) || messages.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (JsonElement message in messages.EnumerateArray())
        {
            if (message.ValueKind == JsonValueKind.Object && message.TryGetProperty("content", out JsonElement content))
            {
                yield return (Text(message, "role") ?? "", string.Join('\n', Model.ModelRequestReader.Texts(content)));
            }
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static long? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
            ? number
            : null;
}
