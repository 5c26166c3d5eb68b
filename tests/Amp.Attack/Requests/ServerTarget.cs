using System.Globalization;
using System.Net;
using System.Text;
using Amp.ToolServer;

namespace Amp.Attack.Requests;

/// <summary>The server that offers the tools of a session.</summary>
internal sealed class ServerTarget : IAttackTarget, IAsyncDisposable
{
    private readonly HttpClient _http = new();
    private readonly LoopbackServer _server;
    private string _session = string.Empty;

    private ServerTarget() => _server = LoopbackServer.Start(
        "own",
        "1.2.3",
        [new ServedTool("Echo", "Says it again.", """{"type":"object","properties":{"text":{"type":"string"}}}""", true, Echo)]);

    public int Port => new Uri(_server.Url).Port;

    public SilentStrangers Strangers { get; } = new();

    public int Answered { get; private set; }

    public string? Heard { get; private set; }

    private Task<ServedAnswer> Echo(string arguments, CancellationToken cancellationToken)
    {
        Heard ??= arguments.Contains("stranger", StringComparison.Ordinal) ? arguments : null;
        return Task.FromResult(new ServedAnswer(arguments, false));
    }

    public static async Task<ServerTarget> StartAsync()
    {
        ServerTarget target = new();
        using HttpResponseMessage response = await target.PostAsync(
            """{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"attack","version":"1"}}}""");
        target._session = response.Headers.GetValues("Mcp-Session-Id").Single();
        using HttpResponseMessage noted = await target.PostAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        return target;
    }

    public StrangerRequest Attack(AttackRandom random) => new ServerRequests(random, Port, new Uri(_server.Url).AbsolutePath, _server.Token, _session).Make();

    public bool Grants(string answer) =>
        answer.StartsWith("HTTP/1.1 2", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.0 2", StringComparison.Ordinal)
        || answer.Contains("stranger", StringComparison.Ordinal) || (answer.Contains(_server.Token, StringComparison.Ordinal) && !IsEcho(answer));

    // For an address that .NET cannot read, its error page repeats it, with what the stranger put into it himself.
    private static bool IsEcho(string answer) =>
        answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal) && answer.Contains("<h1>Bad Request (Invalid url: ", StringComparison.Ordinal);

    public async Task AskAsync(int number)
    {
        using HttpResponseMessage response = await PostAsync(
            string.Create(CultureInfo.InvariantCulture, $$$$"""{"jsonrpc":"2.0","id":{{{{number}}}},"method":"tools/call","params":{"name":"Echo","arguments":{"text":"own {{{{number}}}}"}}}"""));
        string answer = await response.Content.ReadAsStringAsync();
        if (response.StatusCode != HttpStatusCode.OK || !answer.Contains($"own {number}", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"The client of the run got this answer: {response.StatusCode} {answer}");
        }

        Answered++;
    }

    public async ValueTask DisposeAsync()
    {
        Strangers.Dispose();
        _http.Dispose();
        await _server.DisposeAsync();
    }

    private Task<HttpResponseMessage> PostAsync(string body)
    {
        HttpRequestMessage request = new(HttpMethod.Post, _server.Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_server.Token}");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        if (_session.Length > 0)
        {
            request.Headers.Add("Mcp-Session-Id", _session);
        }

        return _http.SendAsync(request);
    }
}
