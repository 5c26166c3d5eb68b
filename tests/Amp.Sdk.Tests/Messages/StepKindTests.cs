using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Messages;

/// <summary>What a step of the model is, as known before its content is read.</summary>
public sealed class StepKindTests
{
    private const string Call = """{"type":"tool_use","id":"t1","name":"Bash","input":{}}""";
    private const string Say = """{"type":"text","text":"tool_use"}""";

    [Theory]
    [InlineData(Say, "\"end_turn\"", "null", true, false)]
    [InlineData(Say, "\"max_tokens\"", "null", true, false)]
    [InlineData(Say, "\"tool_use\"", "null", false, false)]
    [InlineData(Say, "null", "null", true, false)]
    [InlineData(Say, "7", "null", true, false)]
    [InlineData(Call, "\"tool_use\"", "null", false, true)]
    [InlineData(Call, "\"end_turn\"", "null", true, true)]
    [InlineData(Call, "null", "null", false, true)]
    [InlineData(Say + "," + Call, "7", "null", false, true)]
    [InlineData(Say, "\"end_turn\"", "\"toolu_1\"", false, false)]
    public void It_is_told_by_the_reason_or_else_by_the_tools(string content, string reason, string parent, bool endsTurn, bool callsTool)
    {
        AssistantMessage message = Parsed.Line<AssistantMessage>(
            $$"""{"type":"assistant","message":{"content":[{{content}}],"stop_reason":{{reason}}},"parent_tool_use_id":{{parent}},"session_id":"T-1"}""");

        Assert.Equal(endsTurn, message.EndsTurn);
        Assert.Equal(callsTool, message.CallsTool);
        Assert.Equal(callsTool, message.ToolUse.Count > 0);
    }

    [Theory]
    [InlineData("""{"type":"assistant","message":"text"}""")]
    [InlineData("""{"type":"assistant"}""")]
    [InlineData("""{"type":"assistant","message":{"content":"plain"}}""")]
    public void A_message_without_blocks_calls_nothing_and_ends_the_turn(string line)
    {
        AssistantMessage message = Parsed.Line<AssistantMessage>(line);

        Assert.True(message.EndsTurn);
        Assert.False(message.CallsTool);
    }

    [Fact]
    public void Nothing_of_the_step_before_is_left()
    {
        Amp.Messages.MessageParser parser = new();
        _ = parser.Parse("""{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t1","name":"Bash","input":{}}],"stop_reason":"tool_use"}}"""u8);
        AssistantMessage next = Assert.IsType<AssistantMessage>(parser.Parse("""{"type":"assistant","message":{"content":[]}}"""u8));

        Assert.True(next.EndsTurn);
        Assert.False(next.CallsTool);
    }
}
