using System.Text.Json.Nodes;
using Xunit;

namespace Amp.LocalService.Tests.Http;

public sealed class DefaultAnswerTests : IAsyncLifetime
{
    private LocalAmpService _service = null!;
    private ModelClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await LocalAmpService.StartAsync(cancellationToken: Token);
        _client = new ModelClient(_service.Url);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_prompt_is_echoed()
    {
        StreamedAnswer answer = await _client.AskAsync("Say héllo 🦙", Token);
        Assert.Equal([("text", "Echo: Say héllo 🦙")], answer.Blocks);
        Assert.Equal("end_turn", answer.StopReason);
        Assert.Equal(10, answer.Usage.GetProperty("input_tokens").GetInt32());
        Assert.Equal(20, answer.Usage.GetProperty("output_tokens").GetInt32());
    }

    [Fact]
    public async Task Calls_written_in_the_prompt_are_made()
    {
        StreamedAnswer answer = await _client.AskAsync("""THINK RUN:Bash {"cmd":"echo END"}END then RUN:Read {"path":"/é"}END""", Token);
        Assert.Equal(
            [
                ("thinking", "let me think"),
                ("text", "Calling Bash, Read"),
                ("tool_use", """{"cmd":"echo END"}"""),
                ("tool_use", """{"path":"/é"}"""),
            ],
            answer.Blocks);
        Assert.Equal("tool_use", answer.StopReason);
    }

    [Theory]
    [InlineData("RUN:Bash {\"cmd\":")]
    [InlineData("RUN:Bash {\"cmd\":1}")]
    [InlineData("RUN:Bash []END")]
    [InlineData("RUN:")]
    [InlineData("RUN: {}END")]
    public async Task What_only_looks_like_a_call_is_echoed(string prompt)
    {
        Assert.Equal([("text", "Echo: " + prompt)], (await _client.AskAsync(prompt, Token)).Blocks);
    }

    [Fact]
    public async Task Tool_results_are_reported()
    {
        JsonObject request = ModelClient.Request(
            ModelClient.User("RUN:Bash {}END"),
            ModelClient.Assistant("Calling Bash"),
            ModelClient.ToolResult("<output>a</output>"));
        StreamedAnswer answer = await _client.AskAsync(request, Token);
        Assert.Equal([("text", """Result: [{"type":"text","text":"\u003Coutput\u003Ea\u003C/output\u003E"}]""")], answer.Blocks);
    }

    [Fact]
    public async Task What_the_user_says_after_a_tool_result_is_answered_instead_of_it()
    {
        JsonObject request = ModelClient.Request(
            ModelClient.User("one"),
            ModelClient.Assistant("x"),
            ModelClient.ToolResult("r"),
            ModelClient.User("two"));
        StreamedAnswer answer = await _client.AskAsync(request, Token);
        Assert.Equal([("text", "Echo: two")], answer.Blocks);
    }

    [Fact]
    public async Task A_title_is_made_of_the_prompt_and_is_no_request_of_the_run()
    {
        JsonObject request = ModelClient.Request(new JsonObject
        {
            ["role"] = "user",
            ["content"] = "<message>one two three four five six seven eight nine</message>",
        });
        request.Remove("stream");
        request["tool_choice"] = new JsonObject { ["type"] = "tool", ["name"] = "set_title" };
        using HttpResponseMessage response = await _client.SendAsync(request, Token);
        JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!;
        Assert.Equal("one two three four five six seven eight", (string?)answer["content"]![0]!["input"]!["title"]);
        Assert.Equal("tool_use", (string?)answer["stop_reason"]);
        Assert.Empty(_service.Requests);
    }

    [Fact]
    public async Task A_request_is_recorded_as_the_model_got_it()
    {
        JsonObject sent = ModelClient.Request(
            ModelClient.User("# User State\n\n", "first"),
            ModelClient.Assistant("x"),
            ModelClient.User("second"),
            ModelClient.Assistant("y"),
            ModelClient.ToolResult("done"));
        await _client.AskAsync(sent, Token);
        Model.ModelRequest request = Assert.Single(_service.Requests);
        Assert.Equal(1, request.Number);
        Assert.Equal(["first", "second"], request.Prompts);
        Assert.Equal(("second", 1, 1), (request.Prompt, request.Turn, request.Step));
        Assert.Equal("done", request.LastToolResult);
        Assert.Equal(["Bash", "Read"], request.OfferedTools);
        Assert.Equal("Be kind.", request.SystemPrompt);
        Assert.Equal(("test-model", "T-of-the-test", 5), (request.Model, request.ThreadId, request.MessageCount));
        Assert.Equal("test-model", (string?)JsonNode.Parse(request.RawJson)!["model"]);
        Assert.True(DateTimeOffset.UtcNow - request.ReceivedAt < TimeSpan.FromMinutes(1));
    }
}
