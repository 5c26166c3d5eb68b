using System.Text.Json;
using Amp.Testing;

namespace Amp.Sdk.Extensions.Tests;

/// <summary>What a response says, whole and in updates.</summary>
public sealed class ResponseTests
{
    private const string OtherThread = "T-22222222-2222-3333-4444-555555555555";

    [Fact]
    public async Task A_response_has_what_the_agent_said_thought_called_and_got()
    {
        using FakeChat chat = new(FakeChat.Whole(), new AmpOptions { IncludeThinking = true });
        ChatResponse response = await chat.AskAsync();
        Assert.Equal($"I will look.{Environment.NewLine}There is a.txt.", response.Text);
        Assert.Equal("There is a.txt.", response.Messages[^1].Text);
        Assert.Equal(FakeChat.Thread, response.ConversationId);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("There is a.txt.", Assert.IsType<ResultMessage>(response.RawRepresentation).Result);
        AIContent[] contents = [.. response.Messages.SelectMany(message => message.Contents)];
        Assert.Equal("I should look.", Assert.Single(contents.OfType<TextReasoningContent>()).Text);
        FunctionCallContent[] calls = [.. contents.OfType<FunctionCallContent>()];
        Assert.Equal(["toolu_1 Bash", "toolu_2 Read"], calls.Select(call => $"{call.CallId} {call.Name}"));
        Assert.All(calls, call => Assert.True(call.InformationalOnly));
        Assert.Equal("ls", ((JsonElement)calls[0].Arguments!["cmd"]!).GetString());
        Assert.Equal("""{"a":[1,2]}""", ((JsonElement)calls[0].Arguments!["deep"]!).GetRawText());
        Assert.Equal("Bash", Assert.IsType<ToolUseContent>(calls[0].RawRepresentation).Name);
        FunctionResultContent[] results = [.. contents.OfType<FunctionResultContent>()];
        Assert.Equal(["toolu_1 a.txt", "toolu_2 not found"], results.Select(result => $"{result.CallId} {result.Result}"));
        Assert.Null(results[0].Exception);
        Assert.Equal("not found", results[1].Exception?.Message);
        Assert.Equal(2, response.Messages.Count(message => message.Role == ChatRole.Tool));
        Assert.DoesNotContain(response.Messages, message => message.Role == ChatRole.User || message.Contents.Count == 0);
        Assert.Equal(response.Messages.Count, response.Messages.Select(message => message.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task Usage_counts_the_input_with_what_the_cache_had()
    {
        const string Counts = "\"input_tokens\":10,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0";
        string answer = FakeMessages.Assistant("Hello.");
        Assert.Contains(Counts, answer, StringComparison.Ordinal);
        answer = answer.Replace(Counts, "\"input_tokens\":10,\"cache_creation_input_tokens\":5,\"cache_read_input_tokens\":7", StringComparison.Ordinal);
        using FakeChat chat = new(new FakeCliScript().Out(FakeMessages.Init(), answer, FakeMessages.Result("Hello.")));
        UsageDetails usage = (await chat.AskAsync()).Usage!;
        Assert.Equal((22, 20, 42, 7), (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount, usage.CachedInputTokenCount));
        Assert.Equal(5, usage.AdditionalCounts!["CacheCreationInputTokens"]);
        Assert.Equal(7, usage.AdditionalCounts!["CacheReadInputTokens"]);
    }

    [Fact]
    public async Task Streaming_says_the_same_with_an_update_for_each_message()
    {
        using FakeChat chat = new(FakeChat.Whole());
        using FakeChat other = new(FakeChat.Whole());
        List<ChatResponseUpdate> updates = await chat.UpdatesAsync();
        ChatResponse whole = await other.AskAsync();

        // All but the echo of the prompt.
        Assert.Equal(9, updates.Count);
        Assert.All(updates, update => Assert.IsAssignableFrom<StreamMessage>(update.RawRepresentation));
        Assert.All(updates, update => Assert.Equal(FakeChat.Thread, update.ConversationId));
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
        Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>());
        Assert.Equal(ChatFinishReason.Stop, Assert.Single(updates, update => update.FinishReason is not null).FinishReason);
        ChatResponse streamed = updates.ToChatResponse();
        Assert.Equal(Facts(whole), Facts(streamed));

        static string Facts(ChatResponse response) => JsonSerializer.Serialize(
            new
            {
                response.Text,
                response.ConversationId,
                response.FinishReason,
                response.ModelId,
                response.Usage,
                Messages = response.Messages.Select(message => new { message.Role, Id = message.MessageId?[^2..], message.Contents }),
            },
            AIJsonUtilities.DefaultOptions);
    }

    [Fact]
    public async Task An_answer_that_only_the_result_has_is_the_text()
    {
        using FakeChat chat = new(new FakeCliScript().Init().Result("Only here."));
        Assert.Equal("Only here.", (await chat.AskAsync()).Text);
    }

    [Fact]
    public async Task Texts_around_a_block_that_says_nothing_are_lines_of_one_content()
    {
        string parts = FakeMessages.Assistant("Hello.").Replace(
            """{"type":"text","text":"Hello."}""",
            """{"type":"text","text":"Hello."},{"type":"redacted_thinking","data":"x"},{"type":"text","text":"World."},{"type":"text","text":"!"}""",
            StringComparison.Ordinal);
        Assert.Contains("World", parts, StringComparison.Ordinal);
        using FakeChat chat = new(new FakeCliScript().Out(FakeMessages.Init(), parts, FakeMessages.Result("World.")));
        ChatResponse response = await chat.AskAsync();
        Assert.Equal("Hello.\nWorld.\n!", Assert.Single(response.Messages.SelectMany(message => message.Contents).OfType<ChatText>()).Text);
    }

    [Fact]
    public async Task A_run_that_ended_during_its_work_is_not_finished()
    {
        using FakeChat chat = new(new FakeCliScript().Out(FakeMessages.Init(), FakeMessages.ToolUse("Bash", """{"cmd":"ls"}"""), FakeMessages.Result("x")));
        ChatResponse response = await chat.AskAsync();
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_without_a_result_is_not_made_by_the_client_around_it(bool streams)
    {
        // Of a call with its result beside it, that client would know without being told.
        using FakeChat chat = new(new FakeCliScript().Out(FakeMessages.Init(), FakeMessages.ToolUse("mcp__sdk__one", "{}"), FakeMessages.Result("x")));
        int calls = 0;
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create(() => ++calls, "one")] };
        using IChatClient client = chat.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatResponse response = streams
            ? await client.GetStreamingResponseAsync("hi", options, TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken)
            : await client.GetResponseAsync("hi", options, TestContext.Current.CancellationToken);
        Assert.Equal("one", Assert.Single(response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()).Name);
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task A_call_of_a_tool_of_the_options_does_not_get_the_name_of_a_function()
    {
        AmpTool tool = new("get_time", "Tells the time.", """{"type":"object"}""", (_, _) => Task.FromResult(new ToolResult("12:00")));
        using FakeChat chat = new(
            new FakeCliScript().Out(
                FakeMessages.Init(), FakeMessages.ToolUse("mcp__sdk__get_time", "{}"), FakeMessages.ToolResult("12:00"), FakeMessages.ToolUse("mcp__sdk__one", "{}", "toolu_2"),
                FakeMessages.ToolResult("1", "toolu_2"), FakeMessages.Assistant("Noon."), FakeMessages.Result("Noon.")),
            new AmpOptions { Tools = [tool] });
        ChatResponse response = await chat.AskAsync("hi", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "get-time"), AIFunctionFactory.Create(() => 1, "one")] });
        Assert.Equal(
            ["mcp__sdk__get_time", "one"],
            response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => call.Name));
    }

    [Fact]
    public async Task What_a_subagent_says_is_not_the_answer()
    {
        string inner = FakeMessages.Assistant("Inner words.").Replace("\"parent_tool_use_id\":null", "\"parent_tool_use_id\":\"toolu_1\"", StringComparison.Ordinal);
        using FakeChat chat = new(new FakeCliScript().Out(
            FakeMessages.Init(), FakeMessages.ToolUse("Task", """{"prompt":"x"}"""), inner, FakeMessages.ToolResult("done"), FakeMessages.Assistant("Outer."),
            FakeMessages.Result("Outer.")));
        ChatResponse response = await chat.AskAsync();
        Assert.Equal("Outer.", response.Text);
        Assert.Equal("Inner words.", Assert.Single(response.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>()).Text);
    }

    [Fact]
    public async Task The_input_of_a_tool_can_be_as_deep_as_a_line_of_the_CLI()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100);
        using FakeChat chat = new(new FakeCliScript().Out(
            FakeMessages.Init(), FakeMessages.ToolUse("mcp__x__deep", "{}").Replace("\"input\":{}", $"\"input\":{deep}", StringComparison.Ordinal),
            FakeMessages.ToolResult("done"), FakeMessages.Assistant("Deep."), FakeMessages.Result("Deep.")));
        ChatResponse response = await chat.AskAsync();
        Assert.Equal("Deep.", response.Text);
        FunctionCallContent call = Assert.Single(response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>());
        Assert.Equal(deep, $$"""{"a":{{((JsonElement)call.Arguments!["a"]!).GetRawText()}}}""");
    }

    [Fact]
    public async Task The_conversation_is_the_first_thread_that_the_CLI_names()
    {
        using FakeChat chat = new(new FakeCliScript().Out(
            FakeMessages.Init(FakeChat.Thread), FakeMessages.Assistant("Hello.", FakeChat.Thread), FakeMessages.Result("Hello.", sessionId: OtherThread)));
        List<ChatResponseUpdate> updates = await chat.UpdatesAsync();
        Assert.All(updates, update => Assert.Equal(FakeChat.Thread, update.ConversationId));
        Assert.Equal(OtherThread, Assert.IsType<ResultMessage>(updates[^1].RawRepresentation).SessionId);
    }

    [Fact]
    public async Task An_error_result_is_an_exception_after_the_updates()
    {
        using FakeChat chat = new(new FakeCliScript().Init().Assistant("I try.").ErrorResult("No more."));
        List<string> texts = [];
        AmpAgentException error = await Assert.ThrowsAsync<AmpAgentException>(async () =>
        {
            await foreach (ChatResponseUpdate update in chat.Client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken))
            {
                texts.Add(update.Text);
            }
        });
        Assert.Equal("I try.", string.Concat(texts));
        Assert.Equal(AmpErrorId.AgentError, error.ErrorId);
        Assert.Contains("No more.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CLI_that_fails_is_an_exception()
    {
        using FakeChat chat = new(new FakeCliScript().Init().Exit(3));
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => chat.AskAsync());
        Assert.Equal(AmpErrorId.CliFailed, error.ErrorId);
    }

    [Fact]
    public void The_client_tells_what_it_is()
    {
        using AmpChatClient client = new();
        ChatClientMetadata metadata = client.GetService<ChatClientMetadata>()!;
        Assert.Equal("amp", metadata.ProviderName);
        Assert.Null(metadata.DefaultModelId);
        Assert.Same(client, client.GetService<AmpChatClient>());
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Null(client.GetService<string>());
        Assert.Null(client.GetService(typeof(AmpChatClient), "key"));
        Assert.Throws<ArgumentNullException>(() => client.GetService(null!));
        Assert.Throws<ArgumentNullException>(() => client.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!, null, TestContext.Current.CancellationToken));
    }
}
