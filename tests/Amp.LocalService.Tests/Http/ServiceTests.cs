using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Amp.LocalService.Scenarios;
using Xunit;

namespace Amp.LocalService.Tests.Http;

public sealed class ServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_service_is_on_loopback_at_a_free_port()
    {
        await using LocalAmpService first = await LocalAmpService.StartAsync(cancellationToken: Token);
        await using LocalAmpService second = await LocalAmpService.StartAsync(cancellationToken: Token);
        Assert.Matches(@"^http://127\.0\.0\.1:\d+$", first.Url);
        Assert.NotEqual(first.Url, second.Url);
    }

    [Fact]
    public async Task A_port_in_use_is_an_error()
    {
        await using LocalAmpService first = await LocalAmpService.StartAsync(cancellationToken: Token);
        var options = new LocalServiceOptions { Port = new Uri(first.Url).Port };
        await Assert.ThrowsAsync<IOException>(() => LocalAmpService.StartAsync(options, Token));
    }

    [Fact]
    public async Task A_hanging_request_does_not_hold_up_the_stop()
    {
        var scenario = new Scenario { Rules = [new ScenarioRule { Answer = new ScenarioAnswer { Hang = true } }] };
        LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions { Scenario = scenario }, Token);
        using var client = new ModelClient(service.Url);
        Task<StreamedAnswer>[] hanging = Enumerable.Range(0, 4).Select(_ => client.AskAsync("x", Token)).ToArray();
        Assert.True(await Testing.Eventually.IsTrueAsync(() => service.Requests.Count == 4, TimeSpan.FromSeconds(10)));

        // A host waits 30 s for its requests to end by themselves, and these never do.
        await service.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(25), Token);
        foreach (Task<StreamedAnswer> request in hanging)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => request);
        }
    }

    [Fact]
    public async Task A_client_that_goes_ends_a_hanging_request()
    {
        var lines = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var scenario = new Scenario { Rules = [new ScenarioRule { Answer = new ScenarioAnswer { Hang = true } }] };
        var options = new LocalServiceOptions { Scenario = scenario, Log = lines.Enqueue };
        await using LocalAmpService service = await LocalAmpService.StartAsync(options, Token);
        using var client = new ModelClient(service.Url);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<StreamedAnswer> hanging = client.AskAsync("x", cancellation.Token);
        Assert.True(await Testing.Eventually.IsTrueAsync(() => service.Requests.Count == 1, TimeSpan.FromSeconds(10)));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        Assert.True(await Testing.Eventually.IsTrueAsync(() => !lines.IsEmpty, TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData("/api/internal", "no json")]
    [InlineData("/api/internal", "[]")]
    [InlineData("/api/internal", "{\"method\":7}")]
    [InlineData("/api/threads/sync", "")]
    [InlineData("/api/provider/anthropic/v1/messages", "no json")]
    [InlineData("/api/provider/anthropic/v1/messages", "[1]")]
    [InlineData("/api/provider/anthropic/v1/messages", "{\"messages\":7}")]
    public async Task A_malformed_request_is_refused_and_the_service_goes_on(string path, string body)
    {
        await using LocalAmpService service = await LocalAmpService.StartAsync(cancellationToken: Token);
        using var client = new ModelClient(service.Url);
        using HttpResponseMessage response = await client.Http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body), Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal([("text", "Echo: still here")], (await client.AskAsync("still here", Token)).Blocks);
    }

    [Theory]
    [InlineData("{\"messages\":[7,{\"role\":\"user\"},{\"role\":\"user\",\"content\":[3,{\"type\":\"text\",\"text\":5}]}],\"tools\":[1],\"system\":9}")]
    [InlineData("{\"messages\":[],\"tool_choice\":{\"name\":\"create_handoff_context\"}}")]
    [InlineData("{\"messages\":[],\"tool_choice\":{\"name\":\"set_title\"}}")]
    public async Task Odd_but_readable_requests_get_an_answer(string body)
    {
        await using LocalAmpService service = await LocalAmpService.StartAsync(cancellationToken: Token);
        using var client = new ModelClient(service.Url);
        using HttpResponseMessage response = await client.Http.PostAsync(
            new Uri("/api/provider/anthropic/v1/messages", UriKind.Relative), new StringContent(body), Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_compressed_body_is_read_and_a_broken_one_refused()
    {
        await using LocalAmpService service = await LocalAmpService.StartAsync(cancellationToken: Token);
        using var client = new ModelClient(service.Url);
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("""{"method":"getUserInfo","params":{}}"""), Token);
        }

        using HttpResponseMessage good = await PostPackedAsync(packed.ToArray());
        Assert.True((await good.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("ok").GetBoolean());
        using HttpResponseMessage broken = await PostPackedAsync([1, 2, 3]);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);

        Task<HttpResponseMessage> PostPackedAsync(byte[] bytes)
        {
            var content = new ByteArrayContent(bytes);
            content.Headers.ContentEncoding.Add("gzip");
            return client.Http.PostAsync(new Uri("/api/internal", UriKind.Relative), content, Token);
        }
    }

    [Fact]
    public async Task A_compressed_body_is_held_to_the_limit_when_unpacked()
    {
        await using LocalAmpService service = await LocalAmpService.StartAsync(cancellationToken: Token);
        using var client = new ModelClient(service.Url);
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] blanks = new byte[1024 * 1024];
            for (int megabytes = 0; megabytes <= 64; megabytes++)
            {
                await gzip.WriteAsync(blanks, Token);
            }
        }

        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage response = await client.Http.PostAsync(new Uri("/api/internal", UriKind.Relative), content, Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Only_the_demanded_key_is_let_in()
    {
        await using LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions { ApiKey = "right" }, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(null, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("Authorization", "Bearer wrong"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("Authorization", "Bearer right"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("x-api-key", "right"));

        async Task<HttpStatusCode> StatusAsync(string? header, string? value)
        {
            using var client = new ModelClient(service.Url);
            if (header is not null)
            {
                client.Http.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
            }

            using HttpResponseMessage response = await client.Http.GetAsync(new Uri("/api/threads", UriKind.Relative), Token);
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData("Host", "evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Host", "localhost", HttpStatusCode.OK)]
    [InlineData("Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Upgrade", "websocket", HttpStatusCode.NotImplemented)]
    public async Task Strangers_and_web_sockets_are_refused(string header, string value, HttpStatusCode status)
    {
        await using LocalAmpService service = await LocalAmpService.StartAsync(cancellationToken: Token);
        using var client = new ModelClient(service.Url);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/threads");
        request.Headers.TryAddWithoutValidation(header, value);
        using HttpResponseMessage response = await client.Http.SendAsync(request, Token);
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Only_the_last_requests_are_kept()
    {
        await using LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions { RecordedRequests = 2 }, Token);
        using var client = new ModelClient(service.Url);
        foreach (string prompt in new[] { "a", "b", "c" })
        {
            await client.AskAsync(prompt, Token);
        }

        Assert.Equal(["b", "c"], service.Requests.Select(request => request.Prompt));
        Assert.Equal([2, 3], service.Requests.Select(request => request.Number));
    }

    [Fact]
    public async Task Requests_are_recorded_as_json_lines()
    {
        string folder = Directory.CreateTempSubdirectory("amp-record-").FullName;
        try
        {
            await using (LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions { RecordPath = folder }, Token))
            {
                using var client = new ModelClient(service.Url);
                await client.AskAsync("one\ntwo", Token);
                await client.AskAsync("three", Token);
            }

            JsonElement[] lines = (await File.ReadAllLinesAsync(Path.Combine(folder, "requests.jsonl"), Token))
                .Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToArray();
            Assert.Equal(["one\ntwo", "three"], lines.Select(line => line.GetProperty("prompt").GetString()));
            Assert.Equal("test-model", lines[0].GetProperty("request").GetProperty("model").GetString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
