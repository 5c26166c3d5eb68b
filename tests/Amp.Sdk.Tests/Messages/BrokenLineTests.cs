using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Amp.Execution;
using Amp.Json;
using Amp.Messages;
using Amp.Sdk.Tests.Support;
using Amp.Testing;
using Amp.Tools;

namespace Amp.Sdk.Tests.Messages;

public sealed class BrokenLineTests
{
    [Fact]
    public void A_line_that_breaks_off_anywhere_is_no_message()
    {
        byte[] line = Encoding.UTF8.GetBytes(FakeMessages.ToolUse("Bash", """{"cmd":"echo \"é\"","n":[1,true,null]}"""));
        for (int length = 1; length < line.Length; length++)
        {
            Assert.ThrowsAny<JsonException>(() => Parsed.Bytes(line[..length]));
        }
    }

    [Theory]
    [InlineData("""{"type":"user"} trailing""")]
    [InlineData("""{"type":"user"}{"type":"user"}""")]
    [InlineData("""{"type":"user",}""")]
    [InlineData("""{'type':'user'}""")]
    [InlineData("""{"type":"user"]""")]
    [InlineData("""{"type":"us\er"}""")]
    [InlineData("""{"type":"\u12"}""")]
    [InlineData("{")]
    [InlineData("{\"type\":\"a\tb\"}")]
    [InlineData("""{"n":01}""")]
    [InlineData("""{"n":NaN}""")]
    public void A_line_that_is_broken_is_no_message(string line) => Assert.ThrowsAny<JsonException>(() => Parsed.Line(line));

    [Fact]
    public void Nesting_is_read_up_to_its_limit_and_refused_beyond_it()
    {
        UnknownMessage message = Parsed.Line<UnknownMessage>(Nested(JsonReader.MaxDepth));
        object? value = message.AdditionalProperties["deep"];
        int depth = 1;
        for (; value is object?[] { Length: 1 } items; value = items[0])
        {
            depth++;
        }

        Assert.Equal(JsonReader.MaxDepth, depth + 1);
        Assert.ThrowsAny<JsonException>(() => Parsed.Line(Nested(JsonReader.MaxDepth + 1)));
        Assert.ThrowsAny<JsonException>(() => Parsed.Line(Nested(1_000_000)));

        static string Nested(int depth) => $$"""{"type":"x","deep":{{new string('[', depth - 1)}}{{new string(']', depth - 1)}}}""";
    }

    [Theory]
    [InlineData("""\ud83d""")]
    [InlineData("""a\ude00b""")]
    [InlineData("""\ud83d\ude00 \ud83d \n\t\"\\\/ é""")]
    [InlineData("""\ude00\ud83d\f\r""")]
    public void Half_a_surrogate_pair_comes_through_as_it_is(string escaped)
    {
        // An attribute cannot carry half a pair, so what is expected is made here.
        string expected = Regex.Unescape(escaped);
        Assert.Equal(expected, Parsed.Block<TextContent>($$"""{"type":"text","text":"{{escaped}}"}""").Text);
        ToolUseContent call = Parsed.Block<ToolUseContent>("{\"type\":\"tool_use\",\"input\":{\"k\":\"" + escaped + "\"}}");
        Assert.Equal(expected, Value.At(call.Input, "k"));
    }

    [Theory]
    [InlineData("""{"\ud800":1,"type":"user","message":{"\ud800":2,"content":[{"\ud800":3}],"usage":{"\ud800":4}}}""")]
    [InlineData("""{"\ud800":1,"type":"assistant","message":{"\ud800":2,"content":[{"\ud800":3}],"usage":{"\ud800":4}}}""")]
    [InlineData("""{"\ud800":1,"type":"system","mcp_servers":[{"\ud800":2}]}""")]
    [InlineData("""{"\ud800":1,"type":"result","\udc00\udc00\udc00":2}""")]
    [InlineData("""{"\ud800":1,"type":"other"}""")]
    [InlineData("""{"\ud800":1,"type":"\ud800","is_error":"\ud800","subtype":"\ud800","session_id":"\ud800","parent_tool_use_id":"\ud800"}""")]
    [InlineData("""{"\ud800":1,"type":"result","is_error":"\ud800","num_turns":"\ud800","permission_denials":"\ud800"}""")]
    public void Half_a_surrogate_pair_in_a_name_or_a_known_field_is_no_error(string line)
    {
        StreamMessage message = Parsed.Line(line);
        Assert.Equal(1L, message.AdditionalProperties["\ud800"]);
    }

    [Fact]
    public void Half_a_surrogate_pair_in_the_input_of_a_call_does_not_hide_the_call_from_its_question()
    {
        OpenCalls calls = new();
        const string Input = """{"cmd":"echo \ud83d","\udc00\udc00\udc00\udc00":[1,"\ud83d"]}""";
        calls.Add(Parsed.Assistant($$"""[{"type":"tool_use","id":"c1","name":"Bash","input":{{Input}}}]"""));

        Assert.Null(calls.Take("Bash", """{"cmd":"echo \ud83c","\udc00\udc00\udc00\udc00":[1,"\ud83d"]}"""));
        Assert.Null(calls.Take("Bash", "{\"cmd\":\"echo " + (char)0xd83d + "\"}"));
        Assert.Equal("c1", calls.Take("Bash", Input));
        Assert.Null(calls.Take("Bash", Input));
    }

    [Fact]
    public void Half_a_surrogate_pair_in_a_result_does_not_hide_the_files_that_it_reports()
    {
        const string File = "{\"uri\":\"file:///p/a.txt\"}";
        foreach (string half in (string[])["""\ud83d""", ((char)0xd83d).ToString()])
        {
            Assert.EndsWith("a.txt", Assert.Single(ResultFiles.In("{\"" + half + half + half + "\":\"" + half + "\",\"files\":[" + File + "]}")), StringComparison.Ordinal);
            Assert.Single(ResultFiles.In("{\"files\":[" + File + ",{\"" + half + half + half + "\":1,\"uri\":\"" + half + "\"}]}"));
        }

        Assert.Empty(ResultFiles.In("{\"files\":[1,{\"uri\":2}]} and more"));
        Assert.Empty(ResultFiles.In("{\"files\":[1,{\"uri\":2}]}"));
    }

    [Fact]
    public void A_known_name_may_be_written_with_escapes()
    {
        ResultMessage message = Parsed.Line<ResultMessage>("""{"\u0074ype":"r\u0065sult","resul\u0074":"ok","s\u0065ssion_id":"\u0054-1"}""");
        Assert.Equal(("ok", "T-1"), (message.Result, message.SessionId));
        Assert.Empty(message.AdditionalProperties);
    }

    [Fact]
    public void Bytes_that_are_no_text_become_replacement_characters_and_stay_in_the_line()
    {
        byte[] line = [.. """{"type":"result","result":"a"""u8, 0xC3, 0x28, 0xFF, .. """ \n","k"""u8, 0xFE, .. "\":1}"u8];
        ResultMessage message = Assert.IsType<ResultMessage>(Parsed.Bytes(line));
        Assert.Equal("a\ufffd(\ufffd \n", message.Result);
        Assert.Equal(1L, message.AdditionalProperties["k\ufffd"]);
        Assert.True(message.Line.SequenceEqual(line));
    }

    [Fact]
    public void A_whole_number_of_a_million_digits_is_infinite()
    {
        // As a whole number it would take the square of its length.
        string digits = new('7', 1_000_000);
        Assert.Equal(double.PositiveInfinity, Parsed.Line("{\"n\":" + digits + "}").AdditionalProperties["n"]);
    }

    [Theory]
    [InlineData("  {\"type\":\"user\"}", true)]
    [InlineData("\t{", true)]
    [InlineData("[1]", false)]
    [InlineData("null", false)]
    [InlineData("", false)]
    [InlineData("debug: {\"a\":1}", false)]
    public void A_line_claims_to_be_a_message_by_its_first_brace(string line, bool expected) =>
        Assert.Equal(expected, MessageParser.LooksLikeJson(Encoding.UTF8.GetBytes(line)));

    /// <summary>Blocks were read twice at each level, which takes for ever at the depth of a line.</summary>
    [Theory]
    [InlineData("\"said\"", "said")]
    [InlineData("7", "")]
    public void The_text_of_a_result_is_found_however_deep_it_is(string inner, string text)
    {
        string nested = new string('[', 500) + inner + new string(']', 500);
        UserMessage message = Assert.IsType<UserMessage>(Parsed.Line($$"""{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":{{nested}},"is_error":false}]},"session_id":"T-1"}"""));
        Assert.Equal(text, Assert.Single(message.ToolResult).Text);
    }
}
