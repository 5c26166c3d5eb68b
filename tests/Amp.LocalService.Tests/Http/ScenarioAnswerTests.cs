using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amp.LocalService.Scenarios;
using Xunit;

namespace Amp.LocalService.Tests.Http;

public sealed class ScenarioAnswerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_rule_that_matches_answers_and_the_default_after_it()
    {
        await using LocalAmpService service = await StartAsync("""
            { "rules": [
              { "when": { "prompt": "^a" }, "times": 1, "answer": "once" },
              { "when": { "prompt": "^a" }, "answer": "ever after" },
              { "when": { "turn": 1 }, "answer": "second turn, after ${previousPrompt}" },
              { "when": { "toolResult": "(?<number>\\d+)", "step": 1 }, "answer": "the tool said ${number}, $${literally}" }
            ] }
            """);
        using var client = new ModelClient(service.Url);
        Assert.Equal([("text", "once")], (await client.AskAsync("a", Token)).Blocks);
        Assert.Equal([("text", "ever after")], (await client.AskAsync("a", Token)).Blocks);
        Assert.Equal([("text", "Echo: b")], (await client.AskAsync("b", Token)).Blocks);
        JsonObject continued = ModelClient.Request(ModelClient.User("b"), ModelClient.Assistant("x"), ModelClient.User("c"));
        Assert.Equal([("text", "second turn, after b")], (await client.AskAsync(continued, Token)).Blocks);
        JsonObject afterTool = ModelClient.Request(ModelClient.User("b"), ModelClient.Assistant("x"), ModelClient.ToolResult("exit 17"));
        Assert.Equal([("text", "the tool said 17, ${literally}")], (await client.AskAsync(afterTool, Token)).Blocks);
    }

    [Fact]
    public async Task Groups_of_the_pattern_fill_texts_and_inputs()
    {
        await using LocalAmpService service = await StartAsync("""
            { "rules": [{
              "when": { "prompt": "run (?<cmd>.+)" },
              "answer": { "blocks": [
                            { "thinking": "${cmd}?" },
                            { "tool": "Bash", "input": { "cmd": "${cmd}", "deep": [{ "x": "<${cmd}>", "n": 1 }] } } ],
                          "stopReason": "pause_turn", "usage": { "inputTokens": 7, "cacheReadInputTokens": 9 } }
            }] }
            """);
        using var client = new ModelClient(service.Url);
        StreamedAnswer answer = await client.AskAsync("run echo \"hi\"", Token);
        Assert.Equal(("thinking", "echo \"hi\"?"), answer.Blocks[0]);
        JsonNode input = JsonNode.Parse(answer.Blocks[1].Content)!;
        Assert.Equal("echo \"hi\"", (string?)input["cmd"]);
        Assert.Equal("<echo \"hi\">", (string?)input["deep"]![0]!["x"]);
        Assert.Equal("pause_turn", answer.StopReason);
        Assert.Equal((7, 20, 9), (Count("input_tokens"), Count("output_tokens"), Count("cache_read_input_tokens")));

        int Count(string name) => answer.Usage.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task A_scenario_can_be_written_in_code()
    {
        var scenario = new Scenario
        {
            Rules =
            [
                new ScenarioRule
                {
                    Prompt = new Regex("sum of (?<a>.) and (?<b>.)"),
                    Answer = ScenarioAnswer.Of(
                        new TextBlock("I add ${a} and ${b}"),
                        ToolBlock.Parse("Bash", """{"cmd":"expr ${a} + ${b}"}""")),
                },
            ],
            Unmatched = UnmatchedRequest.Error,
        };
        await using LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions { Scenario = scenario }, Token);
        using var client = new ModelClient(service.Url);
        Assert.Equal(
            [("text", "I add 1 and 2"), ("tool_use", """{"cmd":"expr 1 + 2"}""")],
            (await client.AskAsync("sum of 1 and 2", Token)).Blocks);

        using HttpResponseMessage unmatched = await client.SendAsync(ModelClient.Request(ModelClient.User("else")), Token);
        Assert.Equal(HttpStatusCode.BadRequest, unmatched.StatusCode);
        string body = await unmatched.Content.ReadAsStringAsync(Token);
        Assert.Contains("No rule of the scenario matches turn 0, step 0, prompt: else", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", 0)]
    [InlineData("ab", 16 * 1024 + 1)]
    [InlineData("🦙é", 100_001)]
    [InlineData("all work and no play ", 3_000_000)]
    public async Task A_text_has_the_size_that_was_asked_for(string text, int bytes)
    {
        var scenario = new Scenario { Rules = [new ScenarioRule { Answer = ScenarioAnswer.Of(new RepeatedTextBlock(text, bytes)) }] };
        await using LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions { Scenario = scenario }, Token);
        using var client = new ModelClient(service.Url);
        StreamedAnswer answer = await client.AskAsync("go", Token);
        Assert.Equal(bytes, Encoding.UTF8.GetByteCount(Assert.Single(answer.Blocks).Content));
    }

    [Theory]
    [InlineData(401, "authentication_error")]
    [InlineData(429, "rate_limit_error")]
    [InlineData(500, "api_error")]
    [InlineData(529, "overloaded_error")]
    public async Task An_error_has_the_form_of_the_provider(int status, string type)
    {
        await using LocalAmpService service = await StartAsync(string.Create(
            CultureInfo.InvariantCulture, $$"""{ "rules": [{ "answer": { "error": { "status": {{status}}, "retryAfter": 3 } } }] }"""));
        using var client = new ModelClient(service.Url);
        using HttpResponseMessage response = await client.SendAsync(ModelClient.Request(ModelClient.User("x")), Token);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(3), response.Headers.RetryAfter?.Delta);
        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!;
        Assert.Equal(("error", type), ((string?)body["type"], (string?)body["error"]!["type"]));
    }

    [Fact]
    public async Task Waits_are_kept_before_the_answer_and_between_blocks()
    {
        await using LocalAmpService service = await StartAsync("""
            { "rules": [{ "answer": { "delayMs": 100, "blockDelayMs": 100, "blocks": ["a", "b", "c"] } }] }
            """);
        using var client = new ModelClient(service.Url);
        long start = Stopwatch.GetTimestamp();
        StreamedAnswer answer = await client.AskAsync("x", Token);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 290, double.MaxValue);
        Assert.Equal(3, answer.Blocks.Count);
    }

    [Fact]
    public async Task A_connection_is_cut_where_the_scenario_says()
    {
        await using LocalAmpService service = await StartAsync("""
            { "rules": [
              { "when": { "prompt": "before" }, "answer": { "cut": "before" } },
              { "when": { "prompt": "headers" }, "answer": { "cut": "headers" } },
              { "when": { "prompt": "middle" }, "answer": { "cut": "middle", "blocks": ["whole", "half of this"] } }
            ] }
            """);
        using var client = new ModelClient(service.Url);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("before", Token));

        Assert.Equal("", await ReadUntilCutAsync("headers"));
        string middle = await ReadUntilCutAsync("middle");
        Assert.Contains("whole", middle, StringComparison.Ordinal);
        Assert.Contains("half o", middle, StringComparison.Ordinal);
        Assert.DoesNotContain("half of", middle, StringComparison.Ordinal);

        async Task<string> ReadUntilCutAsync(string prompt)
        {
            using HttpResponseMessage response = await client.SendAsync(ModelClient.Request(ModelClient.User(prompt)), Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            using Stream body = await response.Content.ReadAsStreamAsync(Token);
            var received = new MemoryStream();
            await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(received, Token));
            return Encoding.UTF8.GetString(received.ToArray());
        }
    }

    private static Task<LocalAmpService> StartAsync(string scenario) =>
        LocalAmpService.StartAsync(new LocalServiceOptions { Scenario = Scenario.Parse(scenario) }, Token);
}
