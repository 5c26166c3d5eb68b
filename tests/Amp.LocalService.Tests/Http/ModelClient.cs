using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.LocalService.Tests.Http;

/// <summary>Speaks the Messages API to a service, as the CLI does.</summary>
internal sealed class ModelClient(string url) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(120) };

    public HttpClient Http => _http;

    public static JsonObject Request(params JsonNode[] messages) => new()
    {
        ["model"] = "test-model",
        ["max_tokens"] = 1000,
        ["stream"] = true,
        ["system"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "Be kind." }),
        ["tools"] = new JsonArray(new JsonObject { ["name"] = "Bash" }, new JsonObject { ["name"] = "Read" }),
        ["messages"] = new JsonArray(messages),
    };

    public static JsonNode User(params string[] texts) => Message("user", texts.Select(text =>
        new JsonObject { ["type"] = "text", ["text"] = text }));

    public static JsonNode Assistant(string text) => Message("assistant", [new JsonObject { ["type"] = "text", ["text"] = text }]);

    public static JsonNode ToolResult(string text) => Message("user", [new JsonObject
    {
        ["type"] = "tool_result",
        ["tool_use_id"] = "toolu_1_1",
        ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
    }]);

    public Task<HttpResponseMessage> SendAsync(JsonObject request, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, "/api/provider/anthropic/v1/messages")
        {
            Content = JsonContent.Create(request),
        };
        message.Headers.Add("x-amp-thread-id", "T-of-the-test");
        return _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Sends one prompt and gives the blocks of the answer and its stop reason.</summary>
    public async Task<StreamedAnswer> AskAsync(string prompt, CancellationToken cancellationToken) =>
        await AskAsync(Request(User(prompt)), cancellationToken);

    public async Task<StreamedAnswer> AskAsync(JsonObject request, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        CheckIsEventStream(response);
        return StreamedAnswer.Read(await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public async Task<JsonElement> CallAsync(string method, object parameters, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _http.PostAsJsonAsync(
            $"/api/internal?{method}", new { method, @params = parameters }, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static JsonObject Message(string role, IEnumerable<JsonNode> content) =>
        new() { ["role"] = role, ["content"] = new JsonArray(content.ToArray()) };

    private static void CheckIsEventStream(HttpResponseMessage response) =>
        Xunit.Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
}
