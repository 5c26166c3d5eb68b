using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Amp.ToolServer;

namespace Amp.Sdk.Tests.Tools;

/// <summary>A client that says what a test wants it to say, be it right or wrong.</summary>
internal sealed class ToolClient : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly LoopbackServer _server;
    private int _id;

    public ToolClient(LoopbackServer server) => _server = server;

    public string? Session { get; private set; }

    public static string Call(string tool, string arguments, int id) =>
        $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""";

    public HttpRequestMessage Request(HttpContent content)
    {
        HttpRequestMessage request = new(HttpMethod.Post, _server.Url) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_server.Token}");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        if (Session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", Session);
        }

        return request;
    }

    public Task<HttpResponseMessage> SendAsync(string body) => SendAsync(Request(new StringContent(body, Encoding.UTF8, "application/json")));

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request, TestContext.Current.CancellationToken);

    /// <summary>Sends a request of the protocol and gives the answer to it.</summary>
    public async Task<JsonNode> AskAsync(string method, string parameters = "{}")
    {
        using HttpResponseMessage response = await SendAsync(
            $$$"""{"jsonrpc":"2.0","id":{{{Interlocked.Increment(ref _id)}}},"method":"{{{method}}}","params":{{{parameters}}}}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await AnswerAsync(response);
    }

    public static async Task<JsonNode> AnswerAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return JsonNode.Parse(text.Split('\n').Last(line => line.StartsWith("data:", StringComparison.Ordinal))[5..])!;
    }

    public async Task InitializeAsync()
    {
        using HttpResponseMessage response = await SendAsync(
            """{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Session = response.Headers.GetValues("Mcp-Session-Id").Single();
        using HttpResponseMessage noted = await SendAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        Assert.Equal(HttpStatusCode.Accepted, noted.StatusCode);
    }

    /// <summary>The status line of a request that no client library would send.</summary>
    public async Task<string> SendRawAsync(string head)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(_server.Url).Port, TestContext.Current.CancellationToken);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n") + "\r\n\r\n"), TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream);
        return await reader.ReadLineAsync(TestContext.Current.CancellationToken) ?? string.Empty;
    }

    public void Dispose() => _http.Dispose();
}
