using System.Net;
using System.Net.Sockets;
using System.Text;
using Amp.Sdk.Tests.Support;
using Amp.Testing;
using Amp.ToolServer;

namespace Amp.Sdk.Tests.Tools;

/// <summary>Calls that take long, and clients that take their time.</summary>
public sealed class SlowCallTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_client_hears_of_a_call_that_is_under_way()
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using LoopbackServer server = Start(
            async (_, token) =>
            {
                await done.Task.WaitAsync(token);
                return new ServedAnswer("done", false);
            });
        using ToolClient client = new(server);
        await client.InitializeAsync();
        using HttpRequestMessage request = client.Request(new StringContent(ToolClient.Call("Wait", "{}", 5), Encoding.UTF8, "application/json"));
        using HttpClient http = new();
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken)
            .WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (int i = 0; i < 3; i++)
        {
            // A line that begins with a colon is no event.
            Assert.Equal(":", (await NextLineAsync())?.TrimEnd());
            Assert.Equal(string.Empty, await NextLineAsync());
        }

        done.SetResult();
        string rest = await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Contains("\ndata: {", "\n" + rest, StringComparison.Ordinal);
        Assert.Contains("\"done\"", rest, StringComparison.Ordinal);

        Task<string?> NextLineAsync() => reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
    }

    // Signs of life between the parts of an answer would break it.
    [Fact]
    public async Task A_large_answer_stays_whole_among_signs_of_life()
    {
        string text = new('x', 20_000_000);
        await using LoopbackServer server = Start(
            async (_, token) =>
            {
                await Task.Delay(3, token);
                return new ServedAnswer(text, false);
            },
            TimeSpan.FromMilliseconds(1));
        using ToolClient client = new(server);
        await client.InitializeAsync();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(
                text,
                (await client.AskAsync("tools/call", """{"name":"Wait","arguments":{}}"""))["result"]!["content"]![0]!["text"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_answer_does_not_keep_the_server_open()
    {
        TaskCompletionSource called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        LoopbackServer server = Start((_, _) =>
        {
            called.SetResult();
            return Task.FromResult(new ServedAnswer(new string('x', 50_000_000), false));
        });
        using ToolClient client = new(server);
        await client.InitializeAsync();
        string body = ToolClient.Call("Wait", "{}", 5);
        using TcpClient deaf = new();
        await deaf.ConnectAsync(IPAddress.Loopback, new Uri(server.Url).Port, TestContext.Current.CancellationToken);
        await deaf.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {new Uri(server.Url).AbsolutePath} HTTP/1.1\r\nHost: 127.0.0.1:{new Uri(server.Url).Port}\r\nAuthorization: Bearer {server.Token}\r\nMcp-Session-Id: {client.Session}\r\n"
                + $"Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"),
            TestContext.Current.CancellationToken);
        await called.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);

        // Until its pipe is full.
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        await server.DisposeAsync().AsTask().WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        await IsClosedAsync(server);
    }

    [Fact]
    public async Task A_call_that_does_not_mind_its_token_does_not_keep_the_server_open()
    {
        TaskCompletionSource<ServedAnswer> never = new();
        (LoopbackServer server, ToolClient client, Task asking) = await CallAsync(never.Task);
        using ToolClient owned = client;
        await server.DisposeAsync().AsTask().WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        await IsClosedAsync(server);
        never.SetResult(new ServedAnswer("late", false));
        await Assert.ThrowsAnyAsync<Exception>(() => asking.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Whoever_takes_the_port_while_the_server_still_waits_for_a_call_does_not_disturb_its_end()
    {
        TaskCompletionSource<ServedAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        (LoopbackServer server, ToolClient client, Task asking) = await CallAsync(answer.Task);
        using ToolClient owned = client;

        Task closing = server.DisposeAsync().AsTask();
        using TcpListener other = await ListenAsync(new Uri(server.Url).Port).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        answer.SetResult(new ServedAnswer("late", false));
        await closing.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<Exception>(() => asking.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken));
    }

    // Node gives an answer up of which it has heard nothing for five minutes; here after four seconds. The native one is no
    // program of Node's.
    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.May2026)]
    public async Task A_real_CLI_waits_for_a_call_as_long_as_it_takes(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        string impatience = Path.Combine(run.Home, "impatience.cjs");
        await File.WriteAllTextAsync(
            impatience,
            """
            const dispatcher = Symbol.for('undici.globalDispatcher.1');
            fetch('data:,').catch(() => {});
            globalThis[dispatcher] = new globalThis[dispatcher].constructor({ bodyTimeout: 4000, headersTimeout: 4000 });
            """,
            TestContext.Current.CancellationToken);
        await using LoopbackServer server = Start(async (_, token) =>
        {
            await Task.Delay(10_000, token);
            return new ServedAnswer("worth waiting for", false);
        });
        run.Options = run.Options with
        {
            McpServers = [new McpHttpServer("slow", server.Url, [new("Authorization", new SecretText($"Bearer {server.Token}"))])],
            Environment = new Dictionary<string, string?>(run.Options.Environment!) { ["NODE_OPTIONS"] = $"--require \"{impatience}\"" },
        };
        await run.ResultAsync(RealRun.Call("mcp__slow__Wait", "{}"));
        Assert.Contains("worth waiting for", run.Service.Requests[^1].RawJson, StringComparison.Ordinal);
    }

    private static async Task IsClosedAsync(LoopbackServer server)
    {
        using TcpClient probe = new();
        await Assert.ThrowsAsync<SocketException>(
            () => probe.ConnectAsync(IPAddress.Loopback, new Uri(server.Url).Port, TestContext.Current.CancellationToken).AsTask());
    }

    /// <summary>A server with a call at work that minds no token and ends with that answer.</summary>
    private static async Task<(LoopbackServer Server, ToolClient Client, Task Asking)> CallAsync(Task<ServedAnswer> answer)
    {
        TaskCompletionSource called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        LoopbackServer server = Start((_, _) =>
        {
            called.SetResult();
            return answer;
        });
        ToolClient client = new(server);
        await client.InitializeAsync();
        Task asking = client.AskAsync("tools/call", """{"name":"Wait","arguments":{}}""");
        await called.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        return (server, client, asking);
    }

    private static async Task<TcpListener> ListenAsync(int port)
    {
        while (true)
        {
            TcpListener listener = new(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException)
            {
                listener.Dispose();
                await Task.Delay(TimeSpan.FromMilliseconds(1));
            }
        }
    }

    private static LoopbackServer Start(Func<string, CancellationToken, Task<ServedAnswer>> call, TimeSpan? interval = null) =>
        LoopbackServer.Start("own", "1.2.3", [new ServedTool("Wait", "Waits.", """{"type":"object"}""", false, call)], interval ?? s_interval);
}
