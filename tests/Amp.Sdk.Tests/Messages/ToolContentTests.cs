using System.Collections.Specialized;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Messages;

public sealed class ToolContentTests
{
    [Fact]
    public void The_input_of_a_call_can_be_reached_into_at_any_depth_whatever_the_case()
    {
        ToolUseContent call = Parsed.Block<ToolUseContent>(
            """{"type":"tool_use","id":"t1","name":"edit","input":{"cmd":"ls","edits":[{"Path":{"name":"a"}}],"n":1.5,"big":123456789012345678901,"yes":true,"no":null}}""");
        Assert.Equal("ls", Value.At(call.Input, "CMD"));
        Assert.Equal("a", Value.At(call.Input, "edits", 0, "path", "NAME"));
        Assert.Equal(1.5, Value.At(call.Input, "n"));
        Assert.Equal(System.Numerics.BigInteger.Parse("123456789012345678901", null), Value.At(call.Input, "big"));
        Assert.Equal(true, Value.At(call.Input, "yes"));
        Assert.True(Assert.IsType<OrderedDictionary>(call.Input).Contains("no"));
        Assert.Null(Value.At(call.Input, "no"));
        Assert.Equal("edit", call.ToString());
    }

    [Fact]
    public void Fields_of_an_input_keep_their_order() => Assert.Equal(
        ["z", "a", "m"],
        Assert.IsType<OrderedDictionary>(Parsed.Block<ToolUseContent>("""{"type":"tool_use","input":{"z":1,"a":2,"m":3}}""").Input)
            .Keys.Cast<string>());

    [Fact]
    public void Fields_that_differ_only_in_case_are_all_kept()
    {
        object? input = Parsed.Block<ToolUseContent>("""{"type":"tool_use","input":{"a":1,"A":2,"b":3,"A":4}}""").Input;
        Assert.Equal((1L, 4L, 3L), (Value.At(input, "a"), Value.At(input, "A"), Value.At(input, "b")));
    }

    [Theory]
    [InlineData("\"text\"", "text")]
    [InlineData("7", 7L)]
    [InlineData("null", null)]
    public void An_input_that_is_no_object_is_kept(string input, object? expected) => Assert.Equal(
        expected, Parsed.Block<ToolUseContent>($$"""{"type":"tool_use","input":{{input}}}""").Input);

    [Theory]
    [InlineData("""{\"output\":\"hi\\n\",\"exitCode\":3}""", "hi\n", 3)]
    [InlineData("""{\"output\":\"\",\"exitCode\":-1}""", "", -1)]
    [InlineData("""[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]""", "a\nb", null)]
    [InlineData("""{\"output\":\"step 1\",\"error\":\"disk full\"}""", "disk full\nstep 1", null)]
    [InlineData("""{\"output\":\"\",\"exitCode\":1,\"error\":{\"message\":\"disk full\"}}""", "disk full", 1)]
    [InlineData("""{\"output\":\"fine\",\"error\":null}""", "fine", null)]
    [InlineData("""[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image\",\"data\":\"AA==\"},{\"type\":\"text\",\"text\":\"b\"}]""", "a\n[image]\nb", null)]
    [InlineData("""[{\"type\":\"image\"}]""", "[{\"type\":\"image\"}]", null)]
    [InlineData("""{\"output\":5,\"exitCode\":\"0\"}""", "{\"output\":5,\"exitCode\":\"0\"}", null)]
    [InlineData("""{broken""", "{broken", null)]
    [InlineData("""plain""", "plain", null)]
    [InlineData("""{\"exitCode\":99999999999}""", "{\"exitCode\":99999999999}", null)]
    [InlineData("", "", null)]
    public void A_result_can_be_read_whatever_its_shape(string content, string text, int? exitCode)
    {
        ToolResultContent result = Parsed.Block<ToolResultContent>($$"""{"type":"tool_result","tool_use_id":"t1","content":"{{content}}"}""");
        Assert.Equal((text, exitCode, false), (result.Text, result.ExitCode, result.IsError));
        Assert.Same(result.Output, result.Output);
    }

    [Fact]
    public void A_result_may_be_a_list_of_blocks()
    {
        ToolResultContent result = Parsed.Block<ToolResultContent>(
            """{"type":"tool_result","content":[{"type":"text","text":"a"},"b"],"is_error":true}""");
        Assert.Equal("a\nb", result.Text);
        Assert.Equal("a", Value.At(result.Content, 0, "text"));
        Assert.Same(result.Content, result.Output);
        Assert.True(result.IsError);
    }

    [Fact]
    public void A_result_without_content_is_empty()
    {
        ToolResultContent result = Parsed.Block<ToolResultContent>("""{"type":"tool_result"}""");
        Assert.Null(result.Content);
        Assert.Null(result.Output);
        Assert.Equal(string.Empty, result.Text);
    }
}
