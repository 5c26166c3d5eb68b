using System.Collections.Specialized;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Messages;

/// <summary>Messages that are created are those that are read from the CLI's lines, and JSON keeps both.</summary>
public sealed class MessageFactoryTests
{
    private const string Thread = "T-01a1fbd6-d8b0-7378-8e78-3aaba56949f6";

    public static TheoryData<string> Names => Transcripts.AllNames;

    [Fact]
    public void A_created_message_is_the_one_that_is_read_from_the_line()
    {
        List<StreamMessage> read = Transcripts.Messages("tool-read");
        SystemMessage init = (SystemMessage)read[0];
        ToolUseContent call = read[2].ToolUse[0];
        AssistantMessage said = (AssistantMessage)read[2];

        StreamMessage[] created =
        [
            MessageFactory.CreateSystem(init.SessionId, init.Cwd, init.Tools, init.McpServers),
            MessageFactory.CreateUser([new TextContent(read[1].Text)], init.SessionId),
            MessageFactory.CreateAssistant(
                [new TextContent("Calling Read"), new ToolUseContent("Read", (OrderedDictionary)call.Input!, call.Id)], init.SessionId, usage: said.Usage),
            MessageFactory.CreateUser([new ToolResultContent(call.Id, read[3].ToolResult[0].Content)], init.SessionId),
            MessageFactory.CreateAssistant([new TextContent(read[4].Text)], init.SessionId, usage: said.Usage),
            MessageFactory.CreateResult(read[4].Text, init.SessionId, ((ResultMessage)read[5]).Duration, numTurns: 2),
        ];

        Assert.Equal(read.Select(message => message.RawJson), created.Select(message => message.RawJson));
        Assert.Equal(read, created);
        Assert.Equal(read.Select(message => message.GetHashCode()), created.Select(message => message.GetHashCode()));
        Assert.True(((AssistantMessage)created[4]).EndsTurn);
        Assert.Equal(["Read"], ((AssistantMessage)created[2]).ToolNames);
        Assert.Equal(ResultOutcome.Succeeded, ((ResultMessage)created[5]).Outcome);
    }

    [Fact]
    public void A_failed_result_has_the_outcome_of_its_words()
    {
        Assert.Equal(ResultOutcome.MaxTurns, MessageFactory.CreateErrorResult("no more", Thread, "error_max_turns").Outcome);
        Assert.Equal(ResultOutcome.Canceled, MessageFactory.CreateErrorResult("User cancelled").Outcome);
        ErrorResultMessage throttled = MessageFactory.CreateErrorResult("429 rate limit exceeded", usage: new TokenUsage(3, 4));
        Assert.Equal(AmpErrorId.Throttled, new AmpAgentException(throttled).ErrorId);
        Assert.Equal((3, 4), (throttled.Usage!.InputTokens, throttled.Usage.OutputTokens));
    }

    [Fact]
    public void A_created_message_cannot_be_changed_by_what_it_was_created_from()
    {
        OrderedDictionary input = new() { ["cmd"] = "ls" };
        ToolUseContent call = new("Bash", input, "one");
        StreamMessage message = MessageFactory.CreateAssistant([call]);
        input["cmd"] = "rm";

        Assert.Equal("ls", call.Command);
        Assert.Equal("ls", message.ToolUse[0].Command);
    }

    [Fact]
    public void What_no_message_can_be_is_refused()
    {
        Assert.Throws<AmpValidationException>(() => MessageFactory.CreateUnknown("result"));
        Assert.Throws<AmpValidationException>(() => MessageFactory.CreateUnknown("later", new OrderedDictionary { ["type"] = "result" }));
        Assert.Throws<AmpValidationException>(() => new UnknownContent("text"));
        Assert.Throws<AmpValidationException>(() => new ToolUseContent("Bash", new OrderedDictionary { ["cmd"] = new object() }));
        UnknownMessage later = MessageFactory.CreateUnknown("later", new OrderedDictionary { ["n"] = 1, ["in"] = new OrderedDictionary { ["a"] = (int[])[1, 2] } });
        Assert.Equal("""{"type":"later","n":1,"in":{"a":[1,2]}}""", later.RawJson);
    }

    [Fact]
    public void Messages_are_equal_if_their_lines_are()
    {
        StreamMessage one = MessageReader.Parse("""{"type":"later","a":1,"b":{"c":"x","D":[1,null]}}""");

        Assert.Equal(one, MessageReader.Parse("""  {"type" : "later", "b":{"D":[1,null],"c":"\u0078"},"a":1}"""));
        Assert.NotEqual(one, MessageReader.Parse("""{"type":"later","a":1,"b":{"c":"x","d":[1,null]}}"""));
        Assert.NotEqual(one, MessageReader.Parse("""{"type":"later","a":2,"b":{"c":"x","D":[1,null]}}"""));
        Assert.NotEqual(one, MessageReader.Parse("""{"type":"later","a":1}"""));
        Assert.False(one.Equals(null));
        Assert.Equal(new ToolResultContent("one", "x"), new ToolResultContent("one", "x"));
        Assert.NotEqual<ContentBlock>(new ToolResultContent("one", "x"), new ToolResultContent("one", "x", isError: true));
        Assert.NotEqual<ContentBlock>(new TextContent("x"), new ThinkingContent("x"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Json_keeps_each_recorded_message(string name) => Assert.All(Transcripts.Messages(name), message =>
    {
        foreach (JsonSerializerOptions options in (JsonSerializerOptions[])[JsonSerializerOptions.Default, MessageContext.Default.Options, new(JsonSerializerDefaults.Web) { WriteIndented = true }])
        {
            string json = JsonSerializer.Serialize(message, options);
            Assert.Equal(message.RawJson, json);
            StreamMessage copy = JsonSerializer.Deserialize<StreamMessage>(json, options)!;
            Assert.Equal(message, copy);
            Assert.Equal(message.RawJson, copy.RawJson);
        }

        Assert.All(message.Content, block => Assert.Equal(block, JsonSerializer.Deserialize<ContentBlock>(JsonSerializer.Serialize(block))));
    });

    [Fact]
    public void Messages_inside_of_other_objects_keep_their_types()
    {
        Kept kept = new([MessageFactory.CreateUser([new TextContent("a\nb")]), MessageFactory.CreateResult("done", Thread)], MessageFactory.CreateErrorResult("no"));
        string json = JsonSerializer.Serialize(kept, MessageContext.Default.Kept);
        Kept copy = JsonSerializer.Deserialize(json, MessageContext.Default.Kept)!;

        Assert.Equal(kept.Messages, copy.Messages);
        Assert.Equal(kept.Last, copy.Last);
        using JsonDocument document = JsonDocument.Parse(json);
        string indented = JsonSerializer.Serialize(document, (JsonSerializerOptions)new() { WriteIndented = true });
        Kept again = JsonSerializer.Deserialize(indented, MessageContext.Default.Kept)!;
        Assert.Equal(kept.Messages, again.Messages);
        Assert.All(again.Messages, message => Assert.DoesNotContain('\n', message.RawJson));
    }

    [Fact]
    public void Json_that_is_not_such_a_message_is_refused()
    {
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ResultMessage>("""{"type":"user"}"""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<StreamMessage>("[]"));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<TextContent>("""{"type":"thinking","thinking":"x"}"""));
        Assert.Null(JsonSerializer.Deserialize<StreamMessage>("null"));
        Assert.IsType<ErrorResultMessage>(JsonSerializer.Deserialize<ResultMessage>("""{"type":"result","is_error":true,"error":"x"}"""));
    }
}

internal sealed record Kept(IReadOnlyList<StreamMessage> Messages, ErrorResultMessage Last);

[JsonSerializable(typeof(Kept))]
[JsonSerializable(typeof(ContentBlock))]
internal sealed partial class MessageContext : JsonSerializerContext;
