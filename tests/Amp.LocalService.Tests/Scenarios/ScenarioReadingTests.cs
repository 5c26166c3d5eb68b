using Amp.LocalService.Scenarios;
using Amp.Testing;
using Xunit;

namespace Amp.LocalService.Tests.Scenarios;

public sealed class ScenarioReadingTests
{
    [Fact]
    public void Everything_a_rule_can_say_is_read()
    {
        Scenario scenario = Scenario.Parse("""
            {
              // Comments and trailing commas are fine.
              "description": "all of it",
              "unmatched": "error",
              "rules": [
                {
                  "description": "the first",
                  "when": { "prompt": "hello (?<who>\\w+)", "toolResult": "ok", "turn": 2, "step": 1 },
                  "times": 3,
                  "answer": {
                    "delayMs": 10, "blockDelayMs": 20, "stopReason": "max_tokens",
                    "usage": { "inputTokens": 1, "outputTokens": 2, "cacheCreationInputTokens": 3, "cacheReadInputTokens": 4 },
                    "blocks": [
                      "plain ${who}",
                      { "text": "text" },
                      { "thinking": "hm" },
                      { "tool": "Bash", "input": { "cmd": "echo ${who}" } },
                      { "repeatText": "ab", "bytes": 5 },
                    ],
                  },
                },
              ],
            }
            """);

        Assert.Equal(UnmatchedRequest.Error, scenario.Unmatched);
        ScenarioRule rule = Assert.Single(scenario.Rules);
        Assert.Equal((2, 1, 3), (rule.Turn, rule.Step, rule.Times));
        Assert.Matches(rule.Prompt!, "hello world");
        Assert.Matches(rule.ToolResult!, "ok");
        ScenarioAnswer answer = rule.Answer;
        Assert.Equal((10, 20), (answer.Delay.TotalMilliseconds, answer.BlockDelay.TotalMilliseconds));
        Assert.Equal("max_tokens", answer.StopReason);
        Assert.Equal(new TokenUsage(1, 2, 3, 4), answer.Usage);
        Assert.Equal([new TextBlock("plain ${who}"), new TextBlock("text"), new ThinkingBlock("hm")], answer.Blocks.Take(3));
        Assert.Equal("""{"cmd":"echo ${who}"}""", Assert.IsType<ToolBlock>(answer.Blocks[3]).Input.ToJsonString());
        Assert.Equal(new RepeatedTextBlock("ab", 5), answer.Blocks[4]);
    }

    [Fact]
    public void An_answer_may_be_just_a_text()
    {
        Scenario scenario = Scenario.Parse("""{ "rules": [{ "answer": "hi" }] }""");
        Assert.Equal([new TextBlock("hi")], Assert.Single(scenario.Rules).Answer.Blocks);
    }

    [Fact]
    public void An_error_keeps_its_words()
    {
        Scenario scenario = Scenario.Parse("""
            { "rules": [{ "answer": { "error": { "status": 429, "type": "t", "message": "m", "retryAfter": 7 } } }] }
            """);
        Assert.Equal(
            new ServiceError(429) { Type = "t", Message = "m", RetryAfter = TimeSpan.FromSeconds(7) },
            Assert.Single(scenario.Rules).Answer.Error);
    }

    [Theory]
    [InlineData("{", "line 1, column 2", "no JSON")]
    [InlineData("[]", "$", "expected an object, found a list")]
    [InlineData("{}", "$", "has no rules")]
    [InlineData("""{ "rules": {} }""", "$.rules", "expected a list, found an object")]
    [InlineData("""{ "rules": [], "unmatched": "ignore" }""", "$.unmatched", "'ignore' is neither default nor error")]
    [InlineData("""{ "rules": [{}] }""", "$.rules[0]", "has no answer")]
    [InlineData("""{ "rules": [{ "anwser": "x" }] }""", "$.rules[0].anwser", "unknown name; known here are description, when, times, answer")]
    [InlineData("""{ "rules": [{ "times": 1, "times": 2, "answer": "x" }] }""", "$.rules[0].times", "given twice")]
    [InlineData("""{ "rules": [{ "times": 0, "answer": "x" }] }""", "$.rules[0].times", "0 is less than 1")]
    [InlineData("""{ "rules": [{ "when": { "prompt": "(" }, "answer": "x" }] }""", "$.rules[0].when.prompt", "no regular expression")]
    [InlineData("""{ "rules": [{ "when": { "turn": 1.5 }, "answer": "x" }] }""", "$.rules[0].when.turn", "expected a whole number, found 1.5")]
    [InlineData("""{ "rules": [{ "answer": "${who}" }] }""", "$.rules[0].answer", "'${who}' is no named group")]
    [InlineData("""{ "rules": [{ "answer": {} }] }""", "$.rules[0].answer", "has neither blocks nor one of error, cut and hang")]
    [InlineData("""{ "rules": [{ "answer": { "hang": true, "cut": "before" } }] }""", "$.rules[0].answer", "only one of error, cut and hang")]
    [InlineData("""{ "rules": [{ "answer": { "hang": true, "blocks": ["x"] } }] }""", "$.rules[0].answer", "blocks would never be sent")]
    [InlineData("""{ "rules": [{ "answer": { "hang": "yes" } }] }""", "$.rules[0].answer.hang", "expected true or false, found text")]
    [InlineData("""{ "rules": [{ "answer": { "cut": "late" } }] }""", "$.rules[0].answer.cut", "'late' is none of before, headers, middle")]
    [InlineData("""{ "rules": [{ "answer": { "error": {} } }] }""", "$.rules[0].answer.error", "has no status")]
    [InlineData("""{ "rules": [{ "answer": { "error": { "status": 200 } } }] }""", "$.rules[0].answer.error.status", "200 is not between 400 and 599")]
    [InlineData("""{ "rules": [{ "answer": { "blocks": [7] } }] }""", "$.rules[0].answer.blocks[0]", "expected an object, found a number")]
    [InlineData("""{ "rules": [{ "answer": { "blocks": [{ "text": "a", "tool": "b" }] } }] }""", "$.rules[0].answer.blocks[0]", "exactly one of")]
    [InlineData("""{ "rules": [{ "answer": { "blocks": [{ "text": "a", "input": {} }] } }] }""", "$.rules[0].answer.blocks[0].input", "goes with tool, not with text")]
    [InlineData("""{ "rules": [{ "answer": { "blocks": [{ "tool": "a", "input": "x" }] } }] }""", "$.rules[0].answer.blocks[0].input", "expected an object, found text")]
    [InlineData("""{ "rules": [{ "answer": { "blocks": [{ "repeatText": "a" }] } }] }""", "$.rules[0].answer.blocks[0]", "needs bytes")]
    [InlineData("""{ "mcp": {} }""", "$.mcp", "has no tools")]
    [InlineData("""{ "mcp": { "tools": [{ "result": "x" }] } }""", "$.mcp.tools[0]", "has no name")]
    [InlineData("""{ "mcp": { "tools": [{ "name": "", "result": "x" }] } }""", "$.mcp.tools[0].name", "is empty")]
    [InlineData("""{ "mcp": { "tools": [{ "name": "a" }] } }""", "$.mcp.tools[0]", "exactly one of result and error")]
    [InlineData("""{ "mcp": { "tools": [{ "name": "a", "result": "x", "error": "y" }] } }""", "$.mcp.tools[0]", "exactly one of result and error")]
    [InlineData("""{ "mcp": { "tools": [{ "name": "a", "result": "x" }, { "name": "a", "error": "y" }] } }""", "$.mcp.tools", "two tools are called 'a'")]
    [InlineData("""{ "mcp": { "tools": [], "requiredHeaders": { "A": 1 } } }""", "$.mcp.requiredHeaders.A", "expected text, found a number")]
    [InlineData("""{ "mcp": { "tools": [], "requiredHeaders": [] } }""", "$.mcp.requiredHeaders", "expected an object, found a list")]
    public void A_mistake_is_named_with_its_place_and_reason(string json, string place, string reason)
    {
        ScenarioFormatException exception = Assert.Throws<ScenarioFormatException>(() => Scenario.Parse(json, "my.json"));
        Assert.Equal(place, exception.JsonPath);
        Assert.Contains(reason, exception.Reason, StringComparison.Ordinal);
        Assert.StartsWith($"my.json: {place}: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_examples_of_the_repository_can_be_read()
    {
        string[] files = Directory.GetFiles(Path.Combine(RepositoryLayout.Root, "examples", "scenarios"), "*.json");
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.NotEmpty(Scenario.Load(file).Rules));
    }
}
