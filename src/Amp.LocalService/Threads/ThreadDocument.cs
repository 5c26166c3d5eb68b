using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.LocalService.Http;

namespace Amp.LocalService.Threads;

/// <summary>A thread as the CLI asks for it.</summary>
internal static class ThreadDocument
{
    /// <summary>
    /// The thread itself, as builds up to March 2026 read it, with itself as <c>data</c>, where those from April 2026 on look.
    /// </summary>
    public static JsonObject Make(StoredThread thread)
    {
        JsonObject both = JsonNode.Parse(thread.Json)!.AsObject();
        both["data"] = Plain(thread);
        return both;
    }

    /// <summary>The thread with all that is known of it beside its own JSON.</summary>
    public static JsonObject Plain(StoredThread thread)
    {
        JsonObject data = JsonNode.Parse(thread.Json)!.AsObject();
        data["agentMode"] ??= "smart";
        data["archived"] = thread.IsArchived;
        data["labels"] = new JsonArray([.. thread.Labels.Select(label => (JsonNode)label)]);
        data["creatorUserID"] = LocalUser.Id;
        data["meta"] = JsonSerializer.SerializeToNode(ThreadEndpoints.Meta(thread));
        return data;
    }

    /// <summary>A thread as the native builds' lists want it.</summary>
    public static object Row(StoredThread thread)
    {
        JsonObject data = JsonNode.Parse(thread.Json)!.AsObject();
        JsonNode? environment = data["env"]?.DeepClone();
        int messageCount = (data["messages"] as JsonArray)?.Count ?? 0;
        return new
        {
            id = thread.Id,
            v = thread.Version,
            created = thread.Created.ToUnixTimeMilliseconds(),
            title = thread.Title,
            userLastInteractedAt = thread.UpdatedAt.ToUnixTimeMilliseconds(),
            messageCount,
            env = environment?["initial"] is null ? new { initial = environment ?? new JsonObject() } : (object)environment,
            summaryStats = new { messageCount },
            agentMode = data["agentMode"]?.DeepClone() ?? "smart",
            usesThreadActors = true,
            archived = thread.IsArchived,
            creatorUserID = LocalUser.Id,
            meta = ThreadEndpoints.Meta(thread),
        };
    }

    /// <summary>All messages of a thread.</summary>
    public static JsonArray Messages(StoredThread thread) => JsonNode.Parse(thread.Json)!["messages"]?.DeepClone() as JsonArray ?? [];

    /// <summary>Some of a thread's messages, and the place of those that follow.</summary>
    public static object Page(StoredThread thread, long fromIndex, long limit)
    {
        JsonArray messages = Messages(thread);
        int first = (int)Math.Clamp(fromIndex, 0, messages.Count);
        int count = (int)Math.Clamp(limit, 0, messages.Count - first);
        return new
        {
            messages = messages.Skip(first).Take(count).Select(message => message!.DeepClone()).ToArray(),
            nextMessageIndex = first + count < messages.Count && count > 0 ? first + count : (int?)null,
        };
    }
}
