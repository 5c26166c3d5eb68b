using System.Text.Json;
using Amp.LocalService.Json;

namespace Amp.LocalService.Threads;

/// <summary>Reads what the service needs to know out of a thread's own JSON.</summary>
internal static class ThreadReader
{
    /// <summary>The thread, or null where the JSON is none.</summary>
    public static StoredThread? Read(JsonElement thread, DateTimeOffset now)
    {
        if (thread.TextOf("id") is not { } id || !ThreadId.IsValid(id))
        {
            return null;
        }

        return new StoredThread
        {
            Id = id,
            Title = thread.TextOf("title"),
            Created = thread.NumberOf("created") is { } created ? DateTimeOffset.FromUnixTimeMilliseconds(created) : now,
            UpdatedAt = now,
            Version = thread.NumberOf("v") ?? 0,
            MessageCount = Messages(thread).Count(message => message.Role == "user" && message.Text.Length > 0),
            AnswerCount = Messages(thread).Count(message => message.Role == "assistant"),
            IsArchived = thread.Member("archived").ValueKind == JsonValueKind.True,
            Json = thread.GetRawText(),
        };
    }

    /// <summary>The texts of all messages, one a message, with the role that said it.</summary>
    public static IEnumerable<(string Role, string Text)> Messages(JsonElement thread) =>
        thread.Member("messages").Items().Select(message =>
            (message.TextOf("role") ?? "", string.Join('\n', Model.ModelRequestReader.Texts(message.Member("content")))));
}
