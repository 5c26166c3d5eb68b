using System.Text.Json;
using Amp.Testing;
using Microsoft.Agents.AI;

namespace Amp.Sdk.Extensions.Tests.Agents;

public sealed class AgentTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_agent_tells_what_it_is()
    {
        AgentClient client = new();
        using AmpAgent agent = client.AsAIAgent();
        using AmpAgent named = client.AsAIAgent(name: "Helper", description: "Helps.", id: "helper-1");
        Assert.Equal("Amp", agent.Name);
        Assert.NotEmpty(agent.Description);
        Assert.NotEmpty(agent.Id);
        Assert.Equal(("helper-1", "Helper", "Helps."), (named.Id, named.Name, named.Description));
        Assert.Equal("amp", agent.GetService<AIAgentMetadata>()!.ProviderName);
        Assert.Equal("amp", agent.GetService<ChatClientMetadata>()!.ProviderName);
        Assert.Same(agent, agent.GetService<AIAgent>());
        Assert.Same(client, agent.GetService<IAmpClient>());
        Assert.Null(agent.GetService<string>());
        Assert.Null(agent.GetService(typeof(AmpAgent), "key"));
        Assert.Throws<ArgumentNullException>(() => agent.GetService(null!));
        Assert.Throws<ArgumentNullException>(() => new AmpAgent(null!));
    }

    [Fact]
    public async Task A_response_has_what_the_agent_said_called_and_used()
    {
        using FakeChat chat = new(FakeChat.Whole());
        using AmpAgent agent = new AgentClient(chat.Options).AsAIAgent(name: "Helper");
        ThreadSession session = Assert.IsType<ThreadSession>(await agent.CreateSessionAsync(Token));
        Assert.Null(session.ThreadId);
        AgentResponse response = await agent.RunAsync("Say hello", session, cancellationToken: Token);
        Assert.Equal("There is a.txt.", response.Messages[^1].Text);
        Assert.Equal(agent.Id, response.AgentId);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.All(response.Messages, message => Assert.Equal("Helper", message.AuthorName));
        ResultMessage result = Assert.IsType<ResultMessage>(response.RawRepresentation);
        Assert.Equal(result.Usage!.OutputTokens, response.Usage!.OutputTokenCount);
        FunctionCallContent[] calls = [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];
        Assert.Equal(["Bash", "Read"], calls.Select(call => call.Name));
        Assert.All(calls, call => Assert.True(call.InformationalOnly));
        Assert.Equal(FakeChat.Thread, session.ThreadId);
    }

    [Fact]
    public async Task Streaming_says_the_same()
    {
        using FakeChat chat = new(FakeChat.Whole());
        using FakeChat other = new(FakeChat.Whole());
        using AmpAgent agent = new AgentClient(chat.Options).AsAIAgent();
        using AmpAgent otherAgent = new AgentClient(other.Options).AsAIAgent();
        List<AgentResponseUpdate> updates = [];
        await foreach (AgentResponseUpdate update in agent.RunStreamingAsync("Say hello", cancellationToken: Token))
        {
            updates.Add(update);
        }

        Assert.All(updates, update => Assert.Equal((agent.Id, "Amp"), (update.AgentId, update.AuthorName)));
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
        Assert.Equal(Facts(await otherAgent.RunAsync("Say hello", cancellationToken: Token)), Facts(updates.ToAgentResponse()));

        static string Facts(AgentResponse response) => JsonSerializer.Serialize(
            new
            {
                response.Text,
                response.FinishReason,
                response.Usage,
                Messages = response.Messages.Select(message => new { message.Role, Id = message.MessageId?[^2..], message.Contents }),
            },
            AIJsonUtilities.DefaultOptions);
    }

    [Fact]
    public async Task A_session_continues_its_thread_also_after_it_was_stored()
    {
        using FakeChat chat = new(new FakeCliScript().Session(FakeChat.Thread).Echo());
        using AmpAgent agent = new AgentClient(chat.Options).AsAIAgent(instructions: "Be short.");
        AgentSession session = await agent.CreateSessionAsync(Token);
        session.StateBag.SetValue("note", "kept");
        await agent.RunAsync("hi", session, cancellationToken: Token);
        string prompt = chat.Prompt;
        Assert.Equal("# Instructions\n\nBe short.\n\n# The message to answer\n\nhi", prompt);

        using AmpAgent later = new AgentClient(chat.Options).AsAIAgent();
        ThreadSession restored = Assert.IsType<ThreadSession>(await later.DeserializeSessionAsync(
            JsonDocument.Parse((await agent.SerializeSessionAsync(session, cancellationToken: Token)).GetRawText()).RootElement, cancellationToken: Token));
        Assert.Equal(FakeChat.Thread, restored.ThreadId);
        Assert.Equal("kept", restored.StateBag.GetValue<string>("note"));
        await later.RunAsync("again", restored, cancellationToken: Token);
        Assert.Contains(FakeCliRecord.ReadAll(chat.Log), record => record.Kind == "Run" && record.CommandLine.Contains(FakeChat.Thread));
    }

    [Fact]
    public async Task A_session_goes_on_although_the_options_are_for_new_threads()
    {
        AmpReplay replay = new([new AmpMock { Text = "done" }]);
        using AmpAgent agent = new AgentClient(new AmpOptions { Title = "T", Visibility = "private", Executor = "local", Transport = replay.Transport }).AsAIAgent();
        AgentSession session = await agent.CreateSessionAsync(Token);
        await agent.RunAsync("one", session, cancellationToken: Token);
        await agent.RunAsync("two", session, cancellationToken: Token);
        Assert.Equal([null, ((ThreadSession)session).ThreadId], replay.Calls.Select(call => call.ThreadId));
        Assert.Equal(["T", null], replay.Calls.Select(call => call.Options.Title));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("T-11111111-2222-3333-4444-555555555555")]
    public async Task A_message_of_another_thread_does_not_change_the_thread_of_the_session(string? threadId)
    {
        const string Stray = "T-22222222-2222-3333-4444-555555555555";
        string first = threadId is null ? FakeChat.Thread : Stray;
        using FakeChat chat = new(new FakeCliScript().Out(FakeMessages.Init(first), FakeMessages.Assistant("Hello.", Stray)).Exit(3));
        using AmpAgent agent = new AgentClient(chat.Options).AsAIAgent();
        ThreadSession session = new(threadId);
        await Assert.ThrowsAsync<AmpProcessException>(() => agent.RunAsync("hi", session, cancellationToken: Token));
        Assert.Equal(FakeChat.Thread, session.ThreadId);
    }

    [Fact]
    public async Task A_session_of_another_agent_and_a_damaged_state_are_refused()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        using AmpAgent agent = new AgentClient(chat.Options).AsAIAgent();
        AmpValidationException foreign = await Assert.ThrowsAsync<AmpValidationException>(() => agent.RunAsync("hi", new ForeignSession(), cancellationToken: Token));
        Assert.Contains(nameof(ForeignSession), foreign.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AmpValidationException>(async () => await agent.SerializeSessionAsync(new ForeignSession(), cancellationToken: Token));
        foreach (string state in (string[])["1", "{}", """{"threadId":1}""", """{"threadId":null,"stateBag":[]}"""])
        {
            await Assert.ThrowsAsync<AmpValidationException>(async () => await agent.DeserializeSessionAsync(JsonDocument.Parse(state).RootElement, cancellationToken: Token));
        }

        AmpValidationException thread = await Assert.ThrowsAsync<AmpValidationException>(() => agent.RunAsync("hi", new ThreadSession("--flag"), cancellationToken: Token));
        Assert.Equal("ThreadId", thread.OptionName);
        Assert.False(chat.HasStarted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_without_a_result_is_closed_so_that_no_workflow_makes_it(bool streams)
    {
        using FakeChat chat = new(new FakeCliScript().Out(FakeMessages.Init(), FakeMessages.ToolUse("mcp__sdk__one", "{}"), FakeMessages.Result("x")));
        int calls = 0;
        using AmpAgent agent = new AgentClient(chat.Options).AsAIAgent(tools: [AIFunctionFactory.Create(() => ++calls, "one")]);
        AgentResponse response = streams
            ? await agent.RunStreamingAsync("hi", cancellationToken: Token).ToAgentResponseAsync(Token)
            : await agent.RunAsync("hi", cancellationToken: Token);
        AIContent[] contents = [.. response.Messages.SelectMany(message => message.Contents)];
        FunctionCallContent call = Assert.Single(contents.OfType<FunctionCallContent>());
        Assert.Equal(("one", true), (call.Name, call.InformationalOnly));
        FunctionResultContent result = Assert.Single(contents.OfType<FunctionResultContent>());
        Assert.Equal(call.CallId, result.CallId);
        Assert.NotNull(result.Exception);
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task A_function_of_the_agent_is_called_once_by_the_real_CLI_and_an_answer_can_have_a_type()
    {
        await using RealChat real = await RealChat.StartAsync("""
            { "rules": [
              { "when": { "prompt": "How many bolts", "step": 0 }, "answer": { "blocks": [{ "tool": "mcp__sdk__in_stock", "input": { "part": "bolts" } }] } },
              { "when": { "prompt": "How many bolts", "toolResult": "bolts: (?<count>\\d+)" },
                "answer": { "blocks": [{ "tool": "mcp__amp_output__submit", "input": { "count": 12 } }] } },
              { "when": { "prompt": "How many bolts" }, "answer": "There are 12." }
            ] }
            """);
        int calls = 0;
        AIFunction stock = AIFunctionFactory.Create(
            (string part) =>
            {
                Interlocked.Increment(ref calls);
                return $"{part}: 12";
            },
            "in-stock");
        using AmpAgent agent = new AgentClient(real.Options).AsAIAgent(tools: [stock]);
        AgentResponse<Stock> response = await agent.RunAsync<Stock>("How many bolts?", serializerOptions: JsonSerializerOptions.Web, cancellationToken: Token);
        Assert.Equal(12, response.Result.Count);
        Assert.Equal(1, calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Canceling_and_disposing_stop_the_CLI(bool cancels)
    {
        using FakeChat chat = new(new FakeCliScript().EndPolitely().Init().Hang());
        using AmpAgent agent = new AgentClient(chat.Options).AsAIAgent();
        using CancellationTokenSource cancel = new();
        Task<AgentResponse> response = agent.RunAsync("hi", cancellationToken: cancel.Token);
        Assert.True(await Eventually.IsTrueAsync(() => chat.HasStarted, FakeChat.HangLimit));
        if (cancels)
        {
            await cancel.CancelAsync();
        }
        else
        {
            agent.Dispose();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => response.WaitAsync(FakeChat.HangLimit, Token));
        chat.NothingIsLeft();
    }

    [Fact]
    public async Task Options_of_a_run_are_only_read_and_what_cannot_be_kept_is_refused()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        using AmpAgent agent = new AgentClient(chat.Options).AsAIAgent();
        AgentRunOptions options = new() { ResponseFormat = ChatResponseFormat.Text, AllowBackgroundResponses = true, AdditionalProperties = new() { ["a"] = 1 } };
        Assert.Equal("Echo: hi", (await agent.RunAsync("hi", options: options, cancellationToken: Token)).Text);
        Assert.Same(ChatResponseFormat.Text, options.ResponseFormat);
        Assert.Equal(1, options.AdditionalProperties["a"]);
#pragma warning disable MEAI001 // What is refused needs no stable type.
        options.ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 });
#pragma warning restore MEAI001
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => agent.RunAsync("hi", options: options, cancellationToken: Token));
        Assert.Equal("ContinuationToken", error.OptionName);
        using AmpAgent hosted = new AgentClient(chat.Options).AsAIAgent(tools: [new HostedWebSearchTool()]);
        Assert.Equal("Tools", (await Assert.ThrowsAsync<AmpValidationException>(() => hosted.RunAsync("hi", cancellationToken: Token))).OptionName);
    }

    [Fact]
    public async Task An_error_result_is_an_exception()
    {
        using FakeChat chat = new(new FakeCliScript().Init().ErrorResult("No more."));
        using AmpAgent agent = new AgentClient(chat.Options).AsAIAgent();
        Assert.Equal(AmpErrorId.AgentError, (await Assert.ThrowsAsync<AmpAgentException>(() => agent.RunAsync("hi", cancellationToken: Token))).ErrorId);
    }

    private sealed class ForeignSession : AgentSession;

    private sealed record Stock(int Count);
}
