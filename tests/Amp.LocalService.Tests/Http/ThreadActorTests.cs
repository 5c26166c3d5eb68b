using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Amp.LocalService.Tests.Http;

/// <summary>The protocol of the native builds, spoken as they do.</summary>
public sealed class ThreadActorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prompt_that_is_sent_again_with_its_ID_is_answered_once()
    {
        await using LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions(), Token);
        using ModelClient client = new(service.Url);
        using ClientWebSocket socket = await ConnectAsync(service, client);
        await SendAsync(socket, "executor_connect", new { clientId = "c", processId = 1 });
        await SendAsync(socket, "executor_tools_bootstrap_complete", new { });
        await SendAsync(socket, "client_append_user_msg", Prompt("M-1", "first"));
        await SendAsync(socket, "client_append_user_msg", Prompt("M-1", "first"));
        await SendAsync(socket, "client_append_user_msg", Prompt("M-2", "second"));

        // Prompts are answered in their order, so nothing of the first one can come after the second one.
        await ReadUntilAsync(socket, "Echo: second");
        Assert.Equal(2, service.Requests.Count);
    }

    private static object Prompt(string id, string text) => new { messageId = id, content = new[] { new { type = "text", text } } };

    private static async Task<ClientWebSocket> ConnectAsync(LocalAmpService service, ModelClient client)
    {
        using HttpResponseMessage response = await client.Http.PostAsJsonAsync("/api/thread-actors", new { executorType = "local-client", agentMode = "medium" }, Token);
        response.EnsureSuccessStatusCode();
        JsonElement thread = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("rivet");
        socket.Options.AddSubProtocol(
            "rivet_conn_params." + Uri.EscapeDataString(JsonSerializer.Serialize(new { wsToken = thread.GetProperty("wsToken").GetString() })));
        UriBuilder address = new(service.Url)
        {
            Scheme = "ws",
            Path = "/actors/gateway/threadActor/websocket",
            Query = "rvt-key=" + thread.GetProperty("threadId").GetString(),
        };
        await socket.ConnectAsync(address.Uri, Token);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string method, object parameters) => socket.SendAsync(
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters }),
        WebSocketMessageType.Text,
        endOfMessage: true,
        Token);

    private static async Task ReadUntilAsync(ClientWebSocket socket, string text)
    {
        byte[] buffer = new byte[64 * 1024];
        StringBuilder read = new();
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
        {
            WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, Token);
            Assert.NotEqual(WebSocketMessageType.Close, part.MessageType);
            read.Append(Encoding.UTF8.GetString(buffer, 0, part.Count));
        }
    }
}
