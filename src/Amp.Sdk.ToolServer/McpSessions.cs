using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Amp.ToolServer;

/// <summary>The sessions of the protocol: a client opens one with <c>initialize</c>, and may open further ones.</summary>
internal sealed class McpSessions : IAsyncDisposable
{
    /// <summary>The header that names a session.</summary>
    public const string Header = "Mcp-Session-Id";

    // A CLI opens one or two; one that does nothing else is broken.
    private const int MostSessions = 64;

    private readonly string _name;
    private readonly string _version;
    private readonly IReadOnlyList<ServedTool> _tools;
    private readonly TimeSpan _signOfLife;
    private readonly ConcurrentDictionary<string, McpSession> _sessions = new(StringComparer.Ordinal);

    public McpSessions(string name, string version, IReadOnlyList<ServedTool> tools, TimeSpan signOfLife)
    {
        _signOfLife = signOfLife;
        _name = name;
        _version = version;
        _tools = tools;
    }

    /// <summary>Handles a message and writes what is answered to it.</summary>
    /// <returns>The status of the answer; <see cref="HttpStatusCode.OK"/> where something was written.</returns>
    public async Task<HttpStatusCode> PostAsync(
        byte[] body, string? sessionId, EventStreamResponse response, CancellationToken cancellationToken)
    {
        JsonRpcMessage? message;
        try
        {
            message = JsonSerializer.Deserialize(
                body, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage)));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NotSupportedException or FormatException)
        {
            return HttpStatusCode.BadRequest;
        }

        if (message is null)
        {
            return HttpStatusCode.BadRequest;
        }

        McpSession? session;
        if (message is JsonRpcRequest { Method: RequestMethods.Initialize })
        {
            if (_sessions.Count >= MostSessions)
            {
                return HttpStatusCode.TooManyRequests;
            }

            sessionId = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
            session = new McpSession(new StreamableHttpServerTransport { SessionId = sessionId }, _name, _version, _tools);
            _sessions[sessionId] = session;
            response.SetSession(sessionId);
        }
        else if (sessionId is null || !_sessions.TryGetValue(sessionId, out session))
        {
            // What the protocol says to a client whose session is over: it opens a new one.
            return sessionId is null ? HttpStatusCode.BadRequest : HttpStatusCode.NotFound;
        }

        return await PostAsync(session, message, response, cancellationToken).ConfigureAwait(false)
            ? HttpStatusCode.OK
            : HttpStatusCode.Accepted;
    }

    /// <summary>Ends a session; false where there is none of that name.</summary>
    public async Task<bool> EndAsync(string? sessionId)
    {
        if (sessionId is null || !_sessions.TryRemove(sessionId, out McpSession? session))
        {
            return false;
        }

        await session.DisposeAsync().ConfigureAwait(false);
        return true;
    }

    private async Task<bool> PostAsync(McpSession session, JsonRpcMessage message, EventStreamResponse response, CancellationToken cancellationToken)
    {
        // Only a request is always answered by events; a notification is answered by a status.
        if (message is not JsonRpcRequest)
        {
            return await session.PostAsync(message, response, cancellationToken).ConfigureAwait(false);
        }

        using CancellationTokenSource answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task keepingAlive = response.KeepAliveAsync(_signOfLife, answered.Token);
        try
        {
            return await session.PostAsync(message, response, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await answered.CancelAsync().ConfigureAwait(false);
            await keepingAlive.ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string id in _sessions.Keys)
        {
            await EndAsync(id).ConfigureAwait(false);
        }
    }
}
