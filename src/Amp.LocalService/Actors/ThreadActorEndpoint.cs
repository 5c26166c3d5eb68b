using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.LocalService.Http;
using Amp.LocalService.Json;
using Amp.LocalService.Threads;
using Microsoft.AspNetCore.Http;

namespace Amp.LocalService.Actors;

/// <summary>Where the native builds of July to September 2026 make threads and connect to them.</summary>
internal sealed class ThreadActorEndpoint(ActorSurroundings surroundings)
{
    /// <summary>The start of the paths of thread actors.</summary>
    public const string SocketPath = "/actors";

    /// <summary>The path of the sockets, which the token of a thread opens instead of the API key.</summary>
    public const string WebSocketPath = SocketPath + "/gateway/threadActor/websocket";

    private const string Protocol = "rivet";
    private const string ParametersPrefix = "rivet_conn_params.";

    private readonly ConcurrentDictionary<string, Lazy<ThreadActor>> _actors = new(StringComparer.Ordinal);

    /// <summary>Makes a thread, or lets a client into one that it names.</summary>
    public async Task OpenAsync(HttpContext context)
    {
        using JsonDocument body = JsonDocument.Parse(await RequestBody.ReadTextAsync(context.Request));
        JsonElement root = body.RootElement;
        string id = root.TextOf("threadId") ?? Create(root);
        if (Find(id) is not { } actor)
        {
            await JsonAnswer.SendAsync(context, StatusCodes.Status404NotFound, new { error = "Thread not found", code = "THREAD_DELETED" });
            return;
        }

        await JsonAnswer.SendAsync(context, StatusCodes.Status200OK, new
        {
            threadId = id,
            wsToken = actor.Token,
            ownerUserId = LocalUser.Id,
            threadVersion = actor.Version,
            usesThreadActors = true,
            executorType = root.TextOf("executorType") ?? "local-client",
            agentMode = root.TextOf("agentMode"),
        });
    }

    /// <summary>Carries a socket of a client until it ends.</summary>
    public async Task ConnectAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await JsonAnswer.SendAsync(context, StatusCodes.Status400BadRequest, new { error = "Only WebSockets are served here." });
            return;
        }

        if (Find(context.Request.Query["rvt-key"]) is not { } actor)
        {
            await JsonAnswer.SendAsync(context, StatusCodes.Status404NotFound, new { error = "Thread not found" });
            return;
        }

        if (TokenOf(context.WebSockets.WebSocketRequestedProtocols) != actor.Token)
        {
            await JsonAnswer.SendAsync(context, StatusCodes.Status401Unauthorized, new { error = "Invalid token" });
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(Protocol);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, surroundings.Stopping);
        await actor.ServeAsync(new ActorConnection(socket), ending.Token);
    }

    /// <summary>The thread as the service keeps it.</summary>
    public Task ShowAsync(HttpContext context) => surroundings.Threads.Find(context.Request.Query["rvt-key"]) is { } thread
        ? JsonAnswer.SendAsync(context, StatusCodes.Status200OK, new { ok = true, thread = ThreadDocument.Plain(thread) })
        : JsonAnswer.SendAsync(context, StatusCodes.Status404NotFound, new { ok = false, error = "Thread not found" });

    private string Create(JsonElement root)
    {
        string id = ActorIds.Thread();
        long created = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var thread = new JsonObject
        {
            ["id"] = id,
            ["v"] = 0,
            ["created"] = created,
            ["messages"] = new JsonArray(),
            ["agentMode"] = root.TextOf("agentMode") ?? "medium",
        };
        surroundings.Threads.Upload(JsonSerializer.SerializeToElement(thread));
        if (root.Member("threadMeta").TextOf("visibility") is { } visibility)
        {
            surroundings.Threads.Change(id, stored => stored with { Visibility = visibility });
        }

        return id;
    }

    // Only what the store knows has an actor: an ID is the client's word, and a deleted thread is gone for good.
    private ThreadActor? Find(string? id)
    {
        if (surroundings.Threads.Find(id) is not { } stored)
        {
            return null;
        }

        return _actors.GetOrAdd(stored.Id, _ => new Lazy<ThreadActor>(() => new ThreadActor(stored, surroundings))).Value;
    }

    private static string? TokenOf(IEnumerable<string> protocols)
    {
        if (protocols.FirstOrDefault(protocol => protocol.StartsWith(ParametersPrefix, StringComparison.Ordinal)) is not { } parameters)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(Uri.UnescapeDataString(parameters[ParametersPrefix.Length..]));
        return document.RootElement.TextOf("wsToken");
    }
}
