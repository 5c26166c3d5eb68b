using Amp.Testing;

namespace Amp.Sdk.Extensions.Tests;

/// <summary>A chat client on the fake CLI, in a home and with a log of its own; the folder goes with the object.</summary>
internal sealed class FakeChat : IDisposable
{
    /// <summary>Only against hangs: no test passes because something was faster than this.</summary>
    public static readonly TimeSpan HangLimit = TimeSpan.FromMinutes(10);

    private readonly PrivateHome _home = new();

    public FakeChat(FakeCliScript script, AmpOptions? options = null)
    {
        Dictionary<string, string?> environment = _home.Environment();
        foreach ((string name, string? value) in script.Environment(Log))
        {
            environment[name] = value;
        }

        Options = (options ?? new AmpOptions()) with { CliPath = RepositoryLayout.FakeCli, WorkingDirectory = _home.Project, Environment = environment };
        Client = new AmpChatClient(Options);
    }

    public static string Thread { get; } = "T-11111111-2222-3333-4444-555555555555";

    /// <summary>A run with everything that a response can have: thinking, a call and its result, two answers, and tokens.</summary>
    public static FakeCliScript Whole() => new FakeCliScript().Session(Thread).Out(
        FakeMessages.Init(),
        FakeMessages.User("Say hello"),
        FakeMessages.Thinking("I should look."),
        FakeMessages.Assistant("I will look."),
        FakeMessages.ToolUse("Bash", """{"cmd":"ls","deep":{"a":[1,2]}}"""),
        FakeMessages.ToolResult("a.txt"),
        FakeMessages.ToolUse("Read", """{"path":"b.txt"}""", "toolu_2"),
        FakeMessages.ToolResult("not found", "toolu_2", isError: true),
        FakeMessages.Assistant("There is a.txt."),
        FakeMessages.Result("There is a.txt.", turns: 3));

    public AmpOptions Options { get; }

    public AmpChatClient Client { get; }

    public string Log => Path.Combine(_home.Root, "log");

    public FakeCliRecord Record => FakeCliRecord.ReadRun(Log);

    public string Prompt => Record.StandardInput.Text!;

    public bool HasStarted => FakeCliRecord.ReadAll(Log).Any(record => record.Kind == "Run");

    public Task<ChatResponse> AskAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        Client.GetResponseAsync(messages, options, TestContext.Current.CancellationToken).WaitAsync(HangLimit, TestContext.Current.CancellationToken);

    public Task<ChatResponse> AskAsync(string prompt = "Say hello", ChatOptions? options = null) => AskAsync([new ChatMessage(ChatRole.User, prompt)], options);

    public async Task<List<ChatResponseUpdate>> UpdatesAsync(ChatOptions? options = null)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in Client.GetStreamingResponseAsync("Say hello", options, TestContext.Current.CancellationToken))
        {
            updates.Add(update);
        }

        return updates;
    }

    /// <summary>Nothing was started, and the error names the option.</summary>
    public async Task<AmpValidationException> RefusesAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => AskAsync(messages, options));
        Assert.NotNull(error.RecommendedAction);
        Assert.False(HasStarted);
        return error;
    }

    /// <summary>All recorded processes are gone now, not some time later.</summary>
    public void NothingIsLeft()
    {
        IReadOnlyList<FakeCliRecord> records = FakeCliRecord.ReadAll(Log);
        Assert.NotEmpty(records);
        Assert.DoesNotContain(records.SelectMany(record => (int[])[record.ProcessId, .. record.ChildProcessIds]), ProcessProbe.IsRunning);
    }

    public void Dispose()
    {
        Client.Dispose();
        _home.Dispose();
    }
}
