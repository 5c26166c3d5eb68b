using System.ComponentModel;
using System.Text.Json;
using Amp.Testing;

namespace Amp.Sdk.Extensions.Tests;

/// <summary>Functions, schemas and images on a real CLI, through the client that would run functions again.</summary>
public sealed class RealRunTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_function_that_the_agent_calls_runs_once(bool streams)
    {
        await using RealChat real = await RealChat.StartAsync("""
            { "rules": [
              { "when": { "prompt": "How many bolts", "step": 0 }, "answer": { "blocks": ["I look.", { "tool": "mcp__sdk__in_stock", "input": { "part": "bolts", "depot": 2 } }] } },
              { "when": { "prompt": "How many bolts", "toolResult": "bolts in 2: (?<count>\\d+)" }, "answer": "There are ${count}." }
            ] }
            """);
        int calls = 0;
        AIFunction stock = AIFunctionFactory.Create(
            [Description("Tells how many pieces of a part are in stock.")] (string part, int depot) =>
            {
                Interlocked.Increment(ref calls);
                return $"{part} in {depot}: 12";
            },
            "in-stock");
        using IChatClient client = new AmpChatClient(real.Options).AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = new() { Tools = [stock] };
        ChatResponse response = streams
            ? await client.GetStreamingResponseAsync("How many bolts?", options, TestContext.Current.CancellationToken)
                .ToChatResponseAsync(TestContext.Current.CancellationToken)
            : await client.GetResponseAsync("How many bolts?", options, TestContext.Current.CancellationToken);
        Assert.Equal($"I look.{Environment.NewLine}There are 12.", response.Text);
        Assert.Equal(1, calls);
        Assert.Equal(2, real.Service.Requests.Count);
        AIContent[] contents = [.. response.Messages.SelectMany(message => message.Contents)];
        FunctionCallContent call = Assert.Single(contents.OfType<FunctionCallContent>());
        Assert.Equal("in-stock", call.Name);
        FunctionResultContent result = Assert.Single(contents.OfType<FunctionResultContent>());
        Assert.Equal(call.CallId, result.CallId);
        Assert.Contains("bolts in 2: 12", (string)result.Result!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_function_throws_is_told_to_the_model_as_an_error()
    {
        await using RealChat real = await RealChat.StartAsync("""
            { "rules": [
              { "when": { "prompt": "Break it", "step": 0 }, "answer": { "blocks": [{ "tool": "mcp__sdk__fail", "input": {} }] } },
              { "when": { "prompt": "Break it", "toolResult": "(?<why>The depot is closed)" }, "answer": "${why}." }
            ] }
            """);
        using AmpChatClient client = new(real.Options);
        AIFunction fail = AIFunctionFactory.Create(new Func<string>(() => throw new InvalidOperationException("The depot is closed")), "fail");
        ChatResponse response = await client.GetResponseAsync("Break it", new ChatOptions { Tools = [fail] }, TestContext.Current.CancellationToken);
        Assert.Equal("The depot is closed.", response.Text);
        FunctionResultContent result = Assert.Single(response.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>());
        Assert.Contains("The depot is closed", result.Exception?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_makes_JSON_of_the_text_and_images_reach_the_model()
    {
        await using RealChat real = await RealChat.StartAsync("""
            { "rules": [
              { "when": { "prompt": "Which volume", "step": 0 }, "answer": { "blocks": ["I look.", { "tool": "mcp__amp_output__submit", "input": { "name": "data", "freeBytes": 2000 } }] } },
              { "when": { "prompt": "Which volume", "step": 1 }, "answer": "It is the data volume." }
            ] }
            """);
        using AmpChatClient client = new(real.Options);
        ChatResponse<Volume> response = await client.GetResponseAsync<Volume>(
            [new ChatMessage(ChatRole.User, [new ChatText("Which volume?"), new DataContent(TestImages.Pixel(), "image/png")])],
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(new Volume("data", 2000), response.Result);
        Assert.Equal(new Volume("data", 2000), JsonSerializer.Deserialize<Volume>(response.Text, JsonSerializerOptions.Web));
        Assert.Contains(Convert.ToBase64String(TestImages.Pixel()), real.Service.Requests[0].RawJson, StringComparison.Ordinal);
        Assert.Contains(response.Messages.SelectMany(message => message.Contents), content => content is TextReasoningContent { Text: "I look." });
    }

    [Fact]
    public async Task JSON_without_a_schema_is_an_object_and_an_answer_without_it_is_an_error()
    {
        await using RealChat real = await RealChat.StartAsync("""
            { "rules": [
              { "when": { "prompt": "Which volume", "step": 0 }, "answer": { "blocks": [{ "tool": "mcp__amp_output__submit", "input": { "any": [1] } }] } },
              { "answer": "Done." }
            ] }
            """);
        using AmpChatClient client = new(real.Options);
        ChatOptions options = new() { ResponseFormat = ChatResponseFormat.Json };
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Which volume?", options, TestContext.Current.CancellationToken))
        {
            updates.Add(update);
        }

        Assert.Equal("""{"any":[1]}""", updates.ToChatResponse().Text);
        AmpOutputException error = await Assert.ThrowsAsync<AmpOutputException>(
            () => client.GetResponseAsync("Nothing", options, TestContext.Current.CancellationToken));
        Assert.Equal(AmpErrorId.OutputMissing, error.ErrorId);
    }

    [Fact]
    public async Task A_conversation_continues_its_thread_and_an_agent_can_be_a_function_of_another_model()
    {
        await using RealChat real = await RealChat.StartAsync("""
            { "rules": [{ "when": { "turn": 1 }, "answer": "Before, you asked: ${firstPrompt}" }, { "answer": "You ask: ${prompt}" }] }
            """);
        using AmpChatClient client = new(real.Options);
        ChatResponse first = await client.GetResponseAsync("One", cancellationToken: TestContext.Current.CancellationToken);
        AIFunction agent = AgentFunction.Create(real.Options with { ThreadId = first.ConversationId });
        object? second = await agent.InvokeAsync(
            new AIFunctionArguments { ["prompt"] = JsonSerializer.SerializeToElement("Two") }, TestContext.Current.CancellationToken);
        Assert.Equal("You ask: One", first.Text);
        Assert.Equal("Before, you asked: One", Assert.IsType<string>(second));
    }

    private sealed record Volume(string Name, long FreeBytes);
}
