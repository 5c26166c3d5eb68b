using System.Runtime.CompilerServices;
using System.Text.Json;
using Amp.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;

namespace Amp.Sdk.Extensions.Tests;

/// <summary>What other parts of Microsoft.Extensions.AI rely on in every chat client.</summary>
public sealed class ConformanceTests
{
    [Fact]
    public async Task Both_ways_to_ask_refuse_null_messages()
    {
        using AmpChatClient client = new();
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.GetResponseAsync((IEnumerable<ChatMessage>)null!, null, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentNullException>(() => client.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!, null, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentNullException>(() => ((IAmpClient)null!).AsIChatClient());
    }

    [Fact]
    public async Task Null_is_the_default_options()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        using AmpChatClient client = new(null);
        using AmpChatClient given = new(new AgentClient(chat.Options), null);
        Assert.Null(client.GetService<IAmpClient>()!.Options.CliPath);
        Assert.Equal("Echo: hi", (await given.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken)).Text);
        Assert.Equal(AgentFunction.DefaultName, AgentFunction.Create(null).Name);
    }

    [Fact]
    public async Task Messages_are_read_once()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        int reads = 0;
        Assert.Contains("Second", (await chat.AskAsync(Messages())).Text, StringComparison.Ordinal);
        Assert.Equal(1, reads);

        IEnumerable<ChatMessage> Messages()
        {
            reads++;
            yield return new ChatMessage(ChatRole.User, "First");
            yield return new ChatMessage(ChatRole.Assistant, "Yes");
            yield return new ChatMessage(ChatRole.User, "Second");
        }
    }

    [Fact]
    public async Task A_response_and_its_updates_survive_JSON_with_everything_but_their_raw_form()
    {
        using FakeChat chat = new(FakeChat.Whole(), new AmpOptions { IncludeThinking = true });
        List<ChatResponseUpdate> updates = await chat.UpdatesAsync();
        ChatResponse response = updates.ToChatResponse();
        ChatResponse restored = Again(response);
        Assert.Equal(Json(response), Json(restored));
        Assert.Equal(response.Text, restored.Text);
        Assert.Equal((response.ConversationId, response.FinishReason, response.CreatedAt), (restored.ConversationId, restored.FinishReason, restored.CreatedAt));
        Assert.Equal(response.Usage!.TotalTokenCount, restored.Usage!.TotalTokenCount);
        Assert.Equal(
            response.Messages.SelectMany(message => message.Contents).Select(content => content.GetType()),
            restored.Messages.SelectMany(message => message.Contents).Select(content => content.GetType()));
        Assert.Equal(Json(response), Json(updates.Select(Again).ToChatResponse()));

        static T Again<T>(T value) => JsonSerializer.Deserialize<T>(Json(value), AIJsonUtilities.DefaultOptions)!;
        static string Json<T>(T value) => JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions);
    }

    [Fact]
    public async Task Every_update_and_the_response_have_a_time()
    {
        using FakeChat chat = new(FakeChat.Whole());
        DateTimeOffset before = DateTimeOffset.UtcNow.AddSeconds(-1);
        List<ChatResponseUpdate> updates = await chat.UpdatesAsync();
        Assert.All(updates, update => Assert.InRange(update.CreatedAt!.Value, before, DateTimeOffset.UtcNow.AddSeconds(1)));
        Assert.NotNull(updates.ToChatResponse().CreatedAt);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cache_around_the_client_answers_the_second_request(bool streams)
    {
        using FakeChat chat = new(FakeChat.Whole());
        IDistributedCache cache = new MemoryDistributedCache(Microsoft.Extensions.Options.Options.Create(new MemoryDistributedCacheOptions()));
        int calls = 0;
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create(() => ++calls, "Bash")] };
        using IChatClient client = chat.Client.AsBuilder().UseFunctionInvocation().UseDistributedCache(cache).Build();
        string first = await AskAsync();
        Assert.Equal(first, await AskAsync());
        Assert.Single(FakeCliRecord.ReadAll(chat.Log), record => record.Kind == "Run");
        Assert.Equal(0, calls);

        async Task<string> AskAsync() => streams
            ? (await client.GetStreamingResponseAsync("Say hello", options, TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken)).Text
            : (await client.GetResponseAsync("Say hello", options, TestContext.Current.CancellationToken)).Text;
    }

    [Fact]
    public async Task A_client_runs_on_whatever_client_of_the_library_it_is_given_and_hands_it_out()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        CountingClient counting = new(chat.Options);
        using AmpChatClient client = counting.AsIChatClient();
        Assert.Equal("Echo: hi", (await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken)).Text);
        Assert.Equal("Echo: hi", await counting.AsAIFunction().InvokeAsync(new AIFunctionArguments { ["prompt"] = "hi" }, TestContext.Current.CancellationToken));
        Assert.Equal(2, counting.Runs);
        Assert.Same(counting, client.GetService<IAmpClient>());
        Assert.Same(counting, client.GetService<CountingClient>());
        Assert.Null(client.GetService(typeof(IAmpClient), "key"));
    }

    private sealed class CountingClient(AmpOptions options) : AgentClient(options)
    {
        public int Runs { get; private set; }

        public override async IAsyncEnumerable<AmpEvent> StreamAsync(RunPlan plan, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Runs++;
            await foreach (AmpEvent item in base.StreamAsync(plan, cancellationToken))
            {
                yield return item;
            }
        }
    }
}
