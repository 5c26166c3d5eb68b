using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Amp.ToolServer;

namespace Amp.Sdk.Tests.Tools;

public sealed class ServerTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LoopbackServer _server;
    private readonly ToolClient _client;

    public ServerTests()
    {
        _server = LoopbackServer.Start(
            "own",
            "1.2.3",
            [
                new ServedTool("Echo", "Says it again.", """{"type":"object","properties":{"text":{"type":"string"}}}""", true, (text, _) => Task.FromResult(new ServedAnswer(text, false))),
                new ServedTool("Wait", "Waits.", """{"type":"object"}""", false, WaitAsync),
            ]);
        _client = new ToolClient(_server);
    }

    public async ValueTask InitializeAsync() => await _client.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task It_lists_its_tools_and_calls_them()
    {
        JsonArray tools = (await _client.AskAsync("tools/list"))["result"]!["tools"]!.AsArray();
        Assert.Equal(["Echo", "Wait"], tools.Select(tool => tool!["name"]!.GetValue<string>()));
        Assert.Equal("string", tools[0]!["inputSchema"]!["properties"]!["text"]!["type"]!.GetValue<string>());
        JsonNode answer = await _client.AskAsync("tools/call", """{"name":"Echo","arguments":{"text":"Grüße \ud83d\ude00"}}""");
        Assert.Equal("Grüße 😀", JsonNode.Parse(Text(answer))!["text"]!.GetValue<string>());
        Assert.NotEqual(true, answer["result"]!["isError"]?.GetValue<bool>());
    }

    [Fact]
    public async Task Each_server_has_a_path_that_nobody_can_know()
    {
        await using LoopbackServer other = LoopbackServer.Start("own", "1.2.3", []);
        Assert.NotEqual(new Uri(_server.Url).AbsolutePath, new Uri(other.Url).AbsolutePath);
    }

    [Fact]
    public async Task A_port_that_cannot_be_found_is_tried_again_and_then_the_error_that_is_documented()
    {
        int asked = 0;
        IOException error = Assert.Throws<IOException>(() => LoopbackServer.Start("own", "1.2.3", [], freePort: Refused));
        Assert.IsType<SocketException>(error.InnerException);
        Assert.True(asked > 1);

        asked = 0;
        await using LoopbackServer late = LoopbackServer.Start("own", "1.2.3", [], freePort: () => asked == 0 ? Refused() : FreePort());
        Assert.Equal(1, asked);

        int Refused()
        {
            asked++;
            throw new SocketException((int)SocketError.AccessDenied);
        }

        static int FreePort()
        {
            using TcpListener probe = new(IPAddress.Loopback, 0);
            probe.Start();
            return ((IPEndPoint)probe.LocalEndpoint).Port;
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer ")]
    [InlineData("Bearer 0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("Basic eDp5")]
    public async Task Without_the_token_nothing_is_heard(string? authorization)
    {
        using HttpRequestMessage request = _client.Request(Json(ToolClient.Call("Echo", "{}", 5)));
        request.Headers.Remove("Authorization");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        await IsRefusedAsync(request, HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    public async Task A_page_of_a_browser_is_not_heard(string header, string value)
    {
        using HttpRequestMessage request = _client.Request(Json(ToolClient.Call("Echo", "{}", 5)));
        request.Headers.TryAddWithoutValidation(header, value);
        await IsRefusedAsync(request, HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost:PORT")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    [InlineData("127.0.0.1:PORT.evil.example")]
    public async Task A_name_that_leads_here_is_not_heard(string host)
    {
        string port = new Uri(_server.Url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string status = await _client.SendRawAsync(
            $"""
            POST {new Uri(_server.Url).AbsolutePath} HTTP/1.1
            Host: {host.Replace("PORT", port, StringComparison.Ordinal)}
            Authorization: Bearer {_server.Token}
            Content-Type: application/json
            Content-Length: 0
            Connection: close
            """);
        Assert.Matches("^HTTP/1.1 4[0-9][0-9]", status);
        await StillAnswersAsync();
    }

    [Fact]
    public async Task Who_is_refused_and_drips_is_cut_off()
    {
        Uri url = new(_server.Url);
        Task[] drippers = [.. Enumerable.Range(0, 40).Select(_ => DripAsync(url))];
        JsonNode answer = await _client.AskAsync("tools/list");
        Assert.NotNull(answer["result"]);
        await Task.WhenAll(drippers).WaitAsync(TestContext.Current.CancellationToken);
    }

    // Ends when the server has closed the connection.
    private static async Task DripAsync(Uri url)
    {
        using TcpClient client = new();
        await client.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        NetworkStream stream = client.GetStream();
        string head = $"POST {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n";
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
            while (true)
            {
                await stream.WriteAsync("x"u8.ToArray(), TestContext.Current.CancellationToken);
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
        catch (IOException)
        {
            // Cut off.
        }
    }

    [Fact]
    public async Task A_body_of_100_MB_is_not_read()
    {
        byte[] body = new byte[100 * 1024 * 1024];
        foreach (bool chunked in new[] { false, true })
        {
            using HttpRequestMessage request = _client.Request(new ByteArrayContent(body));
            request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.TransferEncodingChunked = chunked;
            try
            {
                using HttpResponseMessage response = await _client.SendAsync(request);
                Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            }
            catch (HttpRequestException)
            {
                // The connection was closed before the client had said it all.
            }
        }

        await StillAnswersAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"tools/list"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":5}""")]
    [InlineData("""{"jsonrpc":"2.0","id":{"a":1},"method":"tools/list"}""")]
    public async Task What_is_no_message_of_the_protocol_is_refused(string body)
    {
        using HttpResponseMessage response = await _client.SendAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await StillAnswersAsync();
    }

    [Theory]
    [InlineData("GET", 405)]
    [InlineData("PUT", 405)]
    [InlineData("OPTIONS", 405)]
    public async Task Other_ways_to_ask_are_refused(string method, int status)
    {
        using HttpRequestMessage request = _client.Request(Json("{}"));
        request.Method = new HttpMethod(method);
        await IsRefusedAsync(request, (HttpStatusCode)status);
    }

    [Fact]
    public async Task Other_paths_types_and_sessions_are_refused()
    {
        using HttpRequestMessage path = _client.Request(Json("{}"));
        path.RequestUri = new Uri(_server.Url + "/other");
        await IsRefusedAsync(path, HttpStatusCode.NotFound);
        using HttpRequestMessage known = _client.Request(Json(ToolClient.Call("Echo", "{}", 5)));
        known.RequestUri = new Uri(new Uri(_server.Url), "/mcp");
        await IsRefusedAsync(known, HttpStatusCode.NotFound);
        using HttpRequestMessage type = _client.Request(new StringContent("{}", Encoding.UTF8, "text/plain"));
        await IsRefusedAsync(type, HttpStatusCode.UnsupportedMediaType);
        using HttpRequestMessage session = _client.Request(Json(ToolClient.Call("Echo", "{}", 5)));
        session.Headers.Remove("Mcp-Session-Id");
        session.Headers.Add("Mcp-Session-Id", "other");
        await IsRefusedAsync(session, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"name":"Drop","arguments":{}}""")]
    [InlineData("""{"name":"","arguments":{}}""")]
    [InlineData("""{"name":5}""")]
    [InlineData("""{"arguments":[]}""")]
    [InlineData("{}")]
    public async Task A_call_of_what_is_no_tool_is_an_error_of_the_protocol(string parameters)
    {
        JsonNode answer = await _client.AskAsync("tools/call", parameters);
        Assert.NotNull(answer["error"]);
        await StillAnswersAsync();
    }

    [Fact]
    public async Task A_call_that_is_taken_back_is_cancelled()
    {
        Task<HttpResponseMessage> waiting = _client.SendAsync(ToolClient.Call("Wait", "{}", 77));
        await _started.Task.WaitAsync(Support.FakeRun.HangLimit, TestContext.Current.CancellationToken);
        using HttpResponseMessage noted = await _client.SendAsync(
            """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":77,"reason":"no more"}}""");
        await _stopped.Task.WaitAsync(Support.FakeRun.HangLimit, TestContext.Current.CancellationToken);
        await StillAnswersAsync();
    }

    [Fact]
    public async Task Closed_it_cancels_the_calls_that_are_under_way_and_leaves_the_port()
    {
        Task<HttpResponseMessage> waiting = _client.SendAsync(ToolClient.Call("Wait", "{}", 78));
        await _started.Task.WaitAsync(Support.FakeRun.HangLimit, TestContext.Current.CancellationToken);
        await _server.DisposeAsync().AsTask().WaitAsync(Support.FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.True(_stopped.Task.IsCompleted);
        using TcpClient probe = new();
        await Assert.ThrowsAsync<SocketException>(() => probe.ConnectAsync(IPAddress.Loopback, new Uri(_server.Url).Port, TestContext.Current.CancellationToken).AsTask());
        _ = waiting.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_session_that_is_ended_is_over_and_a_new_one_can_be_opened()
    {
        using HttpRequestMessage end = _client.Request(Json(string.Empty));
        end.Method = HttpMethod.Delete;
        using HttpResponseMessage ended = await _client.SendAsync(end);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        using HttpResponseMessage late = await _client.SendAsync(ToolClient.Call("Echo", "{}", 5));
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
        await _client.InitializeAsync();
        await StillAnswersAsync();
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static string Text(JsonNode answer) => answer["result"]!["content"]![0]!["text"]!.GetValue<string>();

    private async Task<ServedAnswer> WaitAsync(string arguments, CancellationToken cancellationToken)
    {
        try
        {
            _started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return new ServedAnswer("never", false);
        }
        catch (OperationCanceledException)
        {
            _stopped.TrySetResult();
            return new ServedAnswer("stopped", true);
        }
    }

    private async Task IsRefusedAsync(HttpRequestMessage request, HttpStatusCode status)
    {
        using HttpResponseMessage response = await _client.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        await StillAnswersAsync();
    }

    private async Task StillAnswersAsync() =>
        Assert.Equal("""{"text":"a"}""", Text(await _client.AskAsync("tools/call", """{"name":"Echo","arguments":{"text":"a"}}""")));
}
