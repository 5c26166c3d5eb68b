using System.Text;
using System.Text.Json.Nodes;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Messages;

public sealed class TranscriptTests
{
    public static TheoryData<string> Names => Transcripts.AllNames;

    [Fact]
    public void All_recorded_runs_are_there() => Assert.Equal(
        [
            "approval-needed", "bad-input", "mcp", "mcp-failed", "multi-turn", "rejected", "text", "thinking", "tool-bash",
            "tool-error", "tool-read",
        ],
        Transcripts.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_recorded_run_begins_with_init_and_ends_with_its_result(string name)
    {
        List<StreamMessage> messages = Transcripts.Messages(name);

        SystemMessage init = Assert.IsType<SystemMessage>(messages[0]);
        Assert.Equal("init", init.Subtype);
        Assert.Equal("/home/user/project", init.Cwd);
        Assert.Contains("Bash", init.Tools);
        Assert.True(messages[^1] is ResultMessage);
        Assert.All(messages.Skip(1).SkipLast(1), message => Assert.True(message is AssistantMessage or UserMessage));
        Assert.Matches("^T-[0-9a-f-]{36}$", init.SessionId);
        Assert.All(messages, message => Assert.Equal(init.SessionId, message.SessionId));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_recorded_line_is_kept_byte_for_byte(string name) => Assert.All(Transcripts.Lines(name), line =>
    {
        StreamMessage message = Parsed.Line(line);
        Assert.Equal(line, message.RawJson);
        Assert.True(message.Line.SequenceEqual(Encoding.UTF8.GetBytes(line)));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void A_recorded_line_can_be_written_again_from_the_properties(string name) => Assert.All(Transcripts.Lines(name), line =>
        Assert.Null(JsonDifference.Find(JsonNode.Parse(line), MessageRebuilder.Rebuild(Parsed.Line(line)))));

    [Fact]
    public void A_plain_answer_has_its_text_its_tokens_and_its_result()
    {
        List<StreamMessage> messages = Transcripts.Messages("text");

        Assert.Equal("Say hello", Assert.IsType<UserMessage>(messages[1]).Text);
        AssistantMessage answer = Assert.IsType<AssistantMessage>(messages[2]);
        Assert.Equal("Echo: Say hello", answer.Text);
        Assert.Equal("end_turn", answer.StopReason);
        Assert.Equal(
            (10L, 20L, 0L, 0L, 300000L, "standard"),
            (answer.Usage!.InputTokens, answer.Usage.OutputTokens, answer.Usage.CacheCreationInputTokens,
                answer.Usage.CacheReadInputTokens, answer.Usage.MaxTokens, answer.Usage.ServiceTier));
        Assert.Empty(answer.Usage.AdditionalProperties);
        Assert.Null(answer.Id);
        Assert.Null(answer.Model);
        ResultMessage result = Assert.IsType<ResultMessage>(messages[3]);
        Assert.Equal(("success", false, "Echo: Say hello", 1), (result.Subtype, result.IsError, result.Result, result.NumTurns));
        Assert.Equal(TimeSpan.FromMilliseconds(result.DurationMs), result.Duration);
        Assert.True(result.DurationMs > 0);
        Assert.Null(result.Usage);
        Assert.Empty(result.PermissionDenials);
    }

    [Fact]
    public void A_shell_command_has_its_input_its_output_and_its_exit_code()
    {
        List<StreamMessage> messages = Transcripts.Messages("tool-bash");

        ToolUseContent call = Assert.Single(messages.OfType<AssistantMessage>().SelectMany(message => message.ToolUse));
        Assert.Equal("Bash", call.Name);
        Assert.Equal("ls", Value.At(call.Input, "cmd"));
        ToolResultContent answer = Assert.Single(messages.OfType<UserMessage>().SelectMany(message => message.ToolResult));
        Assert.Equal(call.Id, answer.ToolUseId);
        Assert.False(answer.IsError);
        Assert.Equal("README.md\na.txt\n", Value.At(answer.Output, "output"));
        Assert.Equal("README.md\na.txt\n", answer.Text);
        Assert.Equal(0, answer.ExitCode);
        Assert.StartsWith("{\"output\":", Assert.IsType<string>(answer.Content));
    }

    [Fact]
    public void A_failed_tool_is_an_error_with_its_words()
    {
        ToolResultContent answer = Assert.Single(
            Transcripts.Messages("tool-error").OfType<UserMessage>().SelectMany(message => message.ToolResult));
        Assert.True(answer.IsError);
        Assert.Equal("File not found: file:///home/user/project/missing.md", answer.Text);
        Assert.Equal(answer.Content, answer.Output);
    }

    [Fact]
    public void A_file_that_was_read_can_be_reached_into()
    {
        ToolResultContent answer = Assert.Single(
            Transcripts.Messages("tool-read").OfType<UserMessage>().SelectMany(message => message.ToolResult));
        Assert.Equal("1: # Demo", Value.At(answer.Output, "content"));
        Assert.Equal("/home/user/project/README.md", Value.At(answer.Output, "absolutePath"));
        Assert.Null(answer.ExitCode);
    }

    [Fact]
    public void A_rejected_tool_is_an_error_with_its_reason_and_no_exit_code()
    {
        ToolResultContent answer = Assert.Single(
            Transcripts.Messages("rejected").OfType<UserMessage>().SelectMany(message => message.ToolResult));
        Assert.True(answer.IsError);
        Assert.Equal("Tool execution rejected by user: Rejected by user permissions rule 2: reject Bash", answer.Text);
        Assert.Null(answer.ExitCode);
    }

    [Fact]
    public void A_result_of_an_mcp_tool_is_the_text_of_its_blocks()
    {
        List<StreamMessage> messages = Transcripts.Messages("mcp");
        ToolResultContent answer = Assert.Single(messages.OfType<UserMessage>().SelectMany(message => message.ToolResult));
        Assert.Equal("called {\"name\":\"bob\"}", answer.Text);
        Assert.Equal("text", Value.At(answer.Output, 0, "type"));
        McpServerStatus server = Assert.Single(Assert.IsType<SystemMessage>(messages[0]).McpServers);
        Assert.Equal(("ps", "connected"), (server.Name, server.Status));
    }

    [Fact]
    public void A_server_that_cannot_start_shows_its_state()
    {
        SystemMessage init = Assert.IsType<SystemMessage>(Transcripts.Messages("mcp-failed")[0]);
        Assert.Equal("bad: reconnecting", Assert.Single(init.McpServers).ToString());
    }

    [Fact]
    public void A_thought_is_content_of_its_own_and_no_text()
    {
        AssistantMessage message = Assert.Single(
            Transcripts.Messages("thinking").OfType<AssistantMessage>(), item => item.Content.Any(block => block is ThinkingContent));
        ThinkingContent thought = Assert.Single(message.Content.OfType<ThinkingContent>());
        Assert.Equal("let me think", thought.Thinking);
        Assert.Equal("Calling Bash", message.Text);
    }

    [Theory]
    [InlineData("approval-needed", 1, "The following tools require user approval, which is not supported in stream JSON mode: Bash")]
    [InlineData("bad-input", 0, "Invalid JSON on stdin line 1: Unexpected token 'o', \"not json\" is not valid JSON")]
    public void A_failed_run_ends_with_an_error_result(string name, int turns, string error)
    {
        ErrorResultMessage result = Assert.IsType<ErrorResultMessage>(Transcripts.Messages(name)[^1]);
        Assert.True(result.IsError);
        Assert.Equal(("error_during_execution", error, turns), (result.Subtype, result.Error, result.NumTurns));
        Assert.Null(result.Result);
    }
}
