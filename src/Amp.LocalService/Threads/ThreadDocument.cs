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
        JsonObject data = JsonNode.Parse(thread.Json)!.AsObject();
        data["agentMode"] ??= "smart";
        JsonObject both = data.DeepClone().AsObject();
        data["archived"] = thread.IsArchived;
        data["labels"] = new JsonArray([.. thread.Labels.Select(label => (JsonNode)label)]);
        data["creatorUserID"] = LocalUser.Id;
        data["meta"] = JsonSerializer.SerializeToNode(ThreadEndpoints.Meta(thread));
        both["data"] = data;
        return both;
    }

    /// <summary>Some of a thread's messages, and the place of those that follow.</summary>
    public static object Page(StoredThread thread, long fromIndex, long limit)
    {
        JsonArray messages = JsonNode.Parse(thread.Json)!["messages"] as JsonArray ?? [];
        int first = (int)Math.Clamp(fromIndex, 0, messages.Count);
        int count = (int)Math.Clamp(limit, 0, messages.Count - first);
        return new
        {
            messages = messages.Skip(first).Take(count).Select(message => message!.DeepClone()).ToArray(),
            nextMessageIndex = first + count < messages.Count && count > 0 ? first + count : (int?)null,
        };
    }
}
