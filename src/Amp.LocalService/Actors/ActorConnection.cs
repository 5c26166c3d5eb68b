using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Amp.LocalService.Http;
using Amp.LocalService.Json;

namespace Amp.LocalService.Actors;

/// <summary>One socket of a native CLI: text frames with JSON-RPC 2.0, and <c>ping</c> that wants <c>pong</c>.</summary>
internal sealed class ActorConnection(WebSocket socket)
{
    // Frames leave in the order they were given, whoever gives them: a WebSocket takes one sender at a time.
    private readonly Channel<string> _outgoing = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Sends a notification.</summary>
    public void Notify(string method, JsonObject parameters) =>
        Send(new JsonObject { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters });

    /// <summary>Breaks the connection off without a farewell.</summary>
    public void Break() => socket.Abort();

    /// <summary>Carries messages both ways until the connection ends.</summary>
    public async Task RunAsync(Action<ActorConnection, string, JsonElement> receive, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task sending = SendAllAsync(ending.Token);
        try
        {
            while (await ReadAsync(ending.Token) is { } text)
            {
                Take(text, receive);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The client went away, or the connection was broken on purpose: both are ordinary ends.
        }
        finally
        {
            await ending.CancelAsync();
            await sending;
        }
    }

    private void Take(string text, Action<ActorConnection, string, JsonElement> receive)
    {
        if (text == "ping")
        {
            _outgoing.Writer.TryWrite("pong");
            return;
        }

        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement root = document.RootElement;
        if (root.TextOf("method") is not { } method)
        {
            return;
        }

        // Whoever asks is answered before anything that follows from the request.
        if (root.Member("id") is { ValueKind: not JsonValueKind.Undefined } id)
        {
            Send(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = JsonNode.Parse(id.GetRawText()), ["result"] = new JsonObject() });
        }

        receive(this, method, root.Member("params").Clone());
    }

    private void Send(JsonObject message) => _outgoing.Writer.TryWrite(message.ToJsonString(ActorMessages.Options));

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (string text in _outgoing.Reader.ReadAllAsync(cancellationToken))
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, true, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The reader of the socket sees the same end and clears up.
        }
    }

    private async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        byte[] chunk = new byte[64 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(chunk.AsMemory(), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
                return null;
            }

            buffer.Write(chunk, 0, part.Count);
            if (buffer.Length > RequestBody.MostBytes)
            {
                socket.Abort();
                return null;
            }

            if (part.EndOfMessage)
            {
                return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
            }
        }
    }
}
