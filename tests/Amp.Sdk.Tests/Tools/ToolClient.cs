using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.Testing;
using Amp.ToolServer;

namespace Amp.Sdk.Tests.Tools;

/// <summary>A client that says what a test wants it to say, be it right or wrong.</summary>
internal sealed class ToolClient : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly string _url;
    private readonly string _authorization;
    private int _id;

    public ToolClient(LoopbackServer server)
        : this(server.Url, $"Bearer {server.Token}")
    {
    }

    public ToolClient(string url, string authorization) => (_url, _authorization) = (url, authorization);

    /// <summary>A client of the tools of a run that has just been started.</summary>
    public static ToolClient Of(FakeCliRecord run)
    {
        using JsonDocument servers = JsonDocument.Parse(run.File("--mcp-config").Content!);
        JsonElement server = servers.RootElement.GetProperty("sdk");
        return new ToolClient(server.GetProperty("url").GetString()!, server.GetProperty("headers").GetProperty("Authorization").GetString()!);
    }

    public string? Session { get; private set; }

    public static string Call(string tool, string arguments, int id) =>
        $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}}}""";

    public HttpRequestMessage Request(HttpContent content)
    {
        HttpRequestMessage request = new(HttpMethod.Post, _url) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", _authorization);
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
        await client.ConnectAsync(IPAddress.Loopback, new Uri(_url).Port, TestContext.Current.CancellationToken);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n") + "\r\n\r\n"), TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream);
        return await reader.ReadLineAsync(TestContext.Current.CancellationToken) ?? string.Empty;
    }

    public void Dispose() => _http.Dispose();
}
