using System.Text.Json.Nodes;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Messages;

/// <summary>Lines that no CLI of today writes: nothing of them may be lost, and none may be an error.</summary>
public sealed class ToleranceTests
{
    [Fact]
    public void A_message_of_an_unknown_type_keeps_all_its_fields()
    {
        UnknownMessage message = Parsed.Line<UnknownMessage>(
            """{"type":"rate_limit_event","session_id":"T-1","parent_tool_use_id":"toolu_9","limits":[{"left":3}]}""");
        Assert.Equal(("rate_limit_event", "T-1", "toolu_9"), (message.Type, message.SessionId, message.ParentToolUseId));
        Assert.Equal(3L, Value.At(message.AdditionalProperties, "limits", 0, "left"));
    }

    [Fact]
    public void A_message_without_a_type_keeps_all_its_fields()
    {
        UnknownMessage message = Parsed.Line<UnknownMessage>("""{"hello":"world"}""");
        Assert.Equal(string.Empty, message.Type);
        Assert.Equal("world", message.AdditionalProperties["hello"]);
        Assert.Null(message.SessionId);
    }

    [Fact]
    public void A_type_that_is_no_text_is_kept()
    {
        UnknownMessage message = Parsed.Line<UnknownMessage>("""{"type":{"a":1},"session_id":7}""");
        Assert.Equal(1L, Value.At(message.AdditionalProperties, "type", "a"));
        Assert.Equal(7L, message.AdditionalProperties["session_id"]);
    }

    [Fact]
    public void The_type_may_stand_at_the_end() => Assert.Equal(
        "done", Parsed.Line<ResultMessage>("""{"result":"done","session_id":"T-1","type":"result"}""").Result);

    [Fact]
    public void Of_a_field_that_comes_twice_the_last_one_counts()
    {
        ResultMessage message = Parsed.Line<ResultMessage>("""{"type":"user","type":"result","result":"a","result":"b"}""");
        Assert.Equal("b", message.Result);
    }

    [Fact]
    public void Names_of_fields_are_told_apart_by_their_case()
    {
        ResultMessage message = Parsed.Line<ResultMessage>("""{"type":"result","result":"a","Result":"b","RESULT":"c"}""");
        Assert.Equal("a", message.Result);
        Assert.Equal("b", message.AdditionalProperties["Result"]);
        Assert.Equal("c", message.AdditionalProperties["RESULT"]);
    }

    [Fact]
    public void Unknown_fields_are_kept_at_every_depth()
    {
        AssistantMessage message = Parsed.Line<AssistantMessage>(
            """
            {"type":"assistant","new":1,"message":{"role":"assistant","content":[{"type":"text","text":"x","citations":["c"]}],"usage":{"input_tokens":1,"speed":"fast"},"container":{"id":"k"}}}
            """);
        Assert.Equal(1L, message.AdditionalProperties["new"]);
        Assert.Equal("k", Value.At(message.AdditionalProperties["message"], "container", "id"));
        Assert.Equal("c", Value.At(message.Content[0].AdditionalProperties, "citations", 0));
        Assert.Equal("fast", message.Usage!.AdditionalProperties["speed"]);
    }

    [Fact]
    public void An_unknown_block_keeps_all_its_fields()
    {
        UnknownContent block = Parsed.Block<UnknownContent>("""{"type":"image","source":{"data":"AA=="},"id":"i1","is_error":true}""");
        Assert.Equal("image", block.Type);
        Assert.Equal("AA==", Value.At(block.AdditionalProperties, "source", "data"));
        Assert.Equal("i1", block.AdditionalProperties["id"]);
        Assert.Equal(true, block.AdditionalProperties["is_error"]);
    }

    [Fact]
    public void A_field_that_belongs_to_another_kind_of_block_is_kept()
    {
        TextContent block = Parsed.Block<TextContent>("""{"text":"x","id":"i1","input":{"a":1},"type":"text"}""");
        Assert.Equal("x", block.Text);
        Assert.Equal("i1", block.AdditionalProperties["id"]);
        Assert.Equal(1L, Value.At(block.AdditionalProperties, "input", "a"));
    }

    [Fact]
    public void Content_that_is_one_text_is_a_text_block()
    {
        AssistantMessage message = Parsed.Assistant("\"just text\"");
        Assert.Equal("just text", message.Text);
        Assert.IsType<TextContent>(Assert.Single(message.Content));
    }

    [Theory]
    [InlineData("17")]
    [InlineData("{\"a\":1}")]
    [InlineData("true")]
    public void Content_of_another_shape_is_kept(string content)
    {
        AssistantMessage message = Parsed.Assistant(content);
        Assert.Empty(message.Content);
        Assert.NotNull(Value.At(message.AdditionalProperties["message"], "content"));
    }

    [Fact]
    public void Content_may_be_missing_or_null()
    {
        Assert.Empty(Parsed.Assistant("null").Content);
        Assert.Empty(Parsed.Line<UserMessage>("""{"type":"user"}""").Content);
        Assert.Equal("text", Parsed.Line<UserMessage>("""{"type":"user","message":"text"}""").AdditionalProperties["message"]);
    }

    [Fact]
    public void Blocks_that_are_no_objects_are_kept()
    {
        AssistantMessage message = Parsed.Assistant("""["a",5,null,{"type":"text","text":"b"}]""");
        Assert.Equal(4, message.Content.Count);
        Assert.Equal("a", Assert.IsType<UnknownContent>(message.Content[0]).AdditionalProperties["value"]);
        Assert.Equal("b", message.Text);
    }

    [Fact]
    public void Several_texts_are_joined_on_lines_of_their_own() => Assert.Equal(
        "a\n\nb", Parsed.Assistant("""[{"type":"text","text":"a"},{"type":"tool_use"},{"type":"text","text":""},{"type":"text","text":"b"}]""").Text);

    [Theory]
    [InlineData("\"many\"")]
    [InlineData("[1]")]
    public void Usage_of_another_shape_is_kept(string usage)
    {
        ResultMessage message = Parsed.Line<ResultMessage>($$"""{"type":"result","usage":{{usage}}}""");
        Assert.Null(message.Usage);
        Assert.True(message.AdditionalProperties.Contains("usage"));
    }

    [Fact]
    public void Numbers_may_stand_in_quotes()
    {
        ResultMessage message = Parsed.Line<ResultMessage>(
            """{"type":"result","duration_ms":"1500","num_turns":"2","usage":{"input_tokens":"7"}}""");
        Assert.Equal((TimeSpan.FromSeconds(1.5), 2, 7L), (message.Duration, message.NumTurns, message.Usage!.InputTokens));
    }

    [Fact]
    public void A_fraction_is_cut_off_for_the_property_and_kept_beside_it()
    {
        ResultMessage message = Parsed.Line<ResultMessage>("""{"type":"result","duration_ms":104.75,"num_turns":3.0}""");
        Assert.Equal((104, 3), (message.DurationMs, message.NumTurns));
        Assert.Equal(104.75, message.AdditionalProperties["duration_ms"]);
        Assert.False(message.AdditionalProperties.Contains("num_turns"));
    }

    [Theory]
    [InlineData("1e999")]
    [InlineData("99999999999999999999")]
    [InlineData("\"soon\"")]
    [InlineData("[]")]
    public void A_number_that_is_none_is_kept(string number)
    {
        ResultMessage message = Parsed.Line<ResultMessage>($$"""{"type":"result","num_turns":{{number}}}""");
        Assert.Equal(0, message.NumTurns);
        Assert.True(message.AdditionalProperties.Contains("num_turns"));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_duration_beyond_all_time_is_the_longest_there_is(long milliseconds)
    {
        ResultMessage message = Parsed.Line<ResultMessage>($$"""{"type":"result","duration_ms":{{milliseconds}}}""");
        Assert.Equal(milliseconds > 0 ? TimeSpan.MaxValue : TimeSpan.MinValue, message.Duration);
        Assert.Equal(milliseconds, message.DurationMs);
    }

    [Fact]
    public void Half_a_surrogate_pair_in_a_field_of_a_tools_input_is_no_error()
    {
        AssistantMessage message = Parsed.Assistant("""[{"type":"tool_use","name":"create_file","input":{"\udfff":0,"path":"a.txt"}}]""");
        Assert.Equal(0L, Value.At(Assert.IsType<ToolUseContent>(message.Content[0]).Input, "\udfff"));
    }

    [Fact]
    public void A_list_with_an_item_of_another_shape_is_kept_as_a_whole()
    {
        SystemMessage message = Parsed.Line<SystemMessage>(
            """{"type":"system","subtype":"init","tools":["Bash",{"name":"x"}],"mcp_servers":[{"name":"a"},"b"]}""");
        Assert.Empty(message.Tools);
        Assert.Empty(message.McpServers);
        Assert.Equal("x", Value.At(message.AdditionalProperties, "tools", 1, "name"));
        Assert.Equal("b", Value.At(message.AdditionalProperties, "mcp_servers", 1));
    }

    [Fact]
    public void What_was_read_once_stays_the_same_object()
    {
        AssistantMessage message = Parsed.Assistant("""[{"type":"text","text":"a"}]""");
        Assert.Same(message.Content, message.Content);
        Assert.Same(message.AdditionalProperties, message.AdditionalProperties);
        UnknownMessage unknown = Parsed.Line<UnknownMessage>("{}");
        Assert.Same(unknown.AdditionalProperties, unknown.AdditionalProperties);
        Assert.NotSame(unknown.AdditionalProperties, Parsed.Line("{}").AdditionalProperties);
    }

    public static TheoryData<string> Names => Transcripts.AllNames;

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_lost_when_a_field_is_missing_or_of_another_shape(string name) => Assert.All(Transcripts.Lines(name), line =>
    {
        foreach (JsonNode damaged in DamagedLines.Of(JsonNode.Parse(line)!.AsObject()))
        {
            string text = damaged.ToJsonString();
            string? difference = JsonDifference.Find(damaged, MessageRebuilder.Rebuild(Parsed.Line(text)));
            Assert.True(difference is null, $"{difference} in {text}");
        }
    });
}
