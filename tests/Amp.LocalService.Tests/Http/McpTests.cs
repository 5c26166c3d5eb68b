using System.Net;
using System.Text;
using System.Text.Json;
using Amp.LocalService.Mcp;
using Amp.LocalService.Scenarios;
using Xunit;

namespace Amp.LocalService.Tests.Http;

/// <summary>The MCP server of a scenario, as a client sees it.</summary>
public sealed class McpTests : IDisposable
{
    private const string Tools = """
        { "mcp": { "tools": [
          { "name": "weather", "description": "Tells the weather.", "result": "sunny ☀",
            "inputSchema": { "type": "object", "properties": { "city": { "type": "string" } } } },
          { "name": "broken", "error": "no sensor" },
        ] } }
        """;

    private readonly HttpClient _http = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task It_greets_lists_its_tools_and_answers_calls()
    {
        await using LocalAmpService service = await StartAsync(Tools);
        Assert.Equal(service.Url + "/mcp", service.McpUrl);
        JsonElement hello = await ResultAsync(service, "initialize", """{"protocolVersion":"2025-11-25"}""");
        Assert.Equal("2025-11-25", hello.GetProperty("protocolVersion").GetString());
        Assert.True(hello.GetProperty("capabilities").TryGetProperty("tools", out _));
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(service, """{"jsonrpc":"2.0","method":"notifications/initialized"}""")).StatusCode);
        JsonElement[] tools = [.. (await ResultAsync(service, "tools/list", "{}")).GetProperty("tools").EnumerateArray()];
        Assert.Equal(["weather", "broken"], tools.Select(tool => tool.GetProperty("name").GetString()));
        Assert.Equal("Tells the weather.", tools[0].GetProperty("description").GetString());
        Assert.True(tools[0].GetProperty("inputSchema").GetProperty("properties").TryGetProperty("city", out _));
        Assert.Equal("object", tools[1].GetProperty("inputSchema").GetProperty("type").GetString());
        JsonElement weather = await ResultAsync(service, "tools/call", """{"name":"weather","arguments":{"city":"Rome"}}""");
        Assert.Equal(("sunny ☀", false), (TextOf(weather), weather.GetProperty("isError").GetBoolean()));
        JsonElement broken = await ResultAsync(service, "tools/call", """{"name":"broken"}""");
        Assert.Equal(("no sensor", true), (TextOf(broken), broken.GetProperty("isError").GetBoolean()));
        Assert.Equal([new McpCall("weather", """{"city":"Rome"}"""), new McpCall("broken", "{}")], service.McpCalls);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"resources/list"}""", -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"other"}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[7]}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", -32600)]
    [InlineData("[]", -32600)]
    public async Task What_it_does_not_know_is_an_error_of_the_protocol(string body, int code)
    {
        await using LocalAmpService service = await StartAsync(Tools);
        using HttpResponseMessage response = await PostAsync(service, body);
        JsonElement answer = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(code, answer.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Empty(service.McpCalls);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer right", HttpStatusCode.OK)]
    public async Task It_may_demand_a_header_beside_the_service_s_own_key(string? value, HttpStatusCode status)
    {
        Scenario scenario = Scenario.Parse(
            """{"mcp":{"requiredHeaders":{"Authorization":"Bearer right"},"tools":[{"name":"a","result":"b"}]}}""");
        await using LocalAmpService service = await LocalAmpService.StartAsync(
            new LocalServiceOptions { Scenario = scenario, ApiKey = "another" }, Token);
        using HttpResponseMessage response = await PostAsync(service, """{"jsonrpc":"2.0","id":1,"method":"ping"}""", value);
        Assert.Equal(status, response.StatusCode);
        Assert.DoesNotContain("right", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_opens_no_stream_and_is_not_there_without_a_scenario_of_its_own()
    {
        await using LocalAmpService service = await StartAsync(Tools);
        using HttpResponseMessage stream = await _http.GetAsync(new Uri(service.McpUrl!), Token);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST"), (stream.StatusCode, Assert.Single(stream.Content.Headers.Allow)));
        await using LocalAmpService without = await StartAsync("""{"rules":[]}""");
        Assert.Null(without.McpUrl);
        using HttpResponseMessage none = await _http.GetAsync(new Uri(without.Url + "/mcp"), Token);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    private static Task<LocalAmpService> StartAsync(string scenario) =>
        LocalAmpService.StartAsync(new LocalServiceOptions { Scenario = Scenario.Parse(scenario) }, Token);

    private static string? TextOf(JsonElement result) => result.GetProperty("content")[0].GetProperty("text").GetString();

    private async Task<JsonElement> ResultAsync(LocalAmpService service, string method, string parameters)
    {
        string body = $$"""{"jsonrpc":"2.0","id":"x","method":"{{method}}","params":{{parameters}}}""";
        using HttpResponseMessage response = await PostAsync(service, body);
        JsonElement answer = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("x", answer.GetProperty("id").GetString());
        return answer.GetProperty("result");
    }

    private async Task<HttpResponseMessage> PostAsync(LocalAmpService service, string body, string? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, service.Url + "/mcp")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await _http.SendAsync(request, Token);
    }
}
