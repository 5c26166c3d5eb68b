using Amp.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Amp.Sdk.Extensions.Tests.Hosting;

/// <summary>What a registered client logs of its runs, and what never gets into a log.</summary>
public sealed class LogTests
{
    private const string Secret = "hidden-word-of-the-run";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_logs_its_start_its_end_and_what_it_used_and_nothing_that_was_said()
    {
        using FakeChat chat = new(FakeChat.Whole());
        using TestHost host = HostOf(chat);
        ResultMessage result = await host.Client.RunAsync("Say hello", cancellationToken: Token);
        Assert.Equal(["RunStarted", "CliExited", "RunEnded"], host.Log.OfRuns.Select(entry => entry.Id.Name).Where(name => name != "CliWrote"));
        LogEntry start = host.Log.OfRuns[0];
        Assert.Equal((1, LogLevel.Information, chat.Record.ProcessId), (start.Id.Id, start.Level, start.Values["ProcessId"]));
        LogEntry end = host.Log.OfRuns[^1];
        Assert.Equal((10, LogLevel.Information), (end.Id.Id, end.Level));
        Assert.Equal(
            (ResultOutcome.Succeeded, 3, 2, FakeChat.Thread, (long?)result.Usage!.OutputTokens),
            (end.Values["Outcome"], end.Values["Turns"], end.Values["ToolUses"], end.Values["ThreadId"], (long?)end.Values["OutputTokens"]));
        object? run = start.Values["Run"];
        Assert.All(host.Log.OfRuns, entry => Assert.Equal(run, entry.Values["Run"]));
        string[] said = ["Say hello", "I will look", "a.txt", "b.txt", "not found"];
        Assert.All(host.Log.OfRuns, entry => Assert.DoesNotContain(said, words => entry.Text.Contains(words, StringComparison.Ordinal)));
        await host.Services.GetRequiredKeyedService<IAmpClient>("other").RunAsync("Say hello", cancellationToken: Token);
        Assert.Equal("RunEnded", host.Log.OfRuns[^1].Id.Name);
        Assert.NotEqual(run, host.Log.OfRuns[^1].Values["Run"]);
    }

    [Fact]
    public async Task No_secret_of_the_run_and_no_second_line_gets_into_an_entry()
    {
        string denied = FakeMessages.ToolResult($"Tool execution rejected by user: {Secret}\nfail: forged\u2028fail: forged", isError: true);
        using FakeChat chat = new(new FakeCliScript().Error($"stderr {Secret}").Out($"plain {Secret}").Out(
            FakeMessages.Init(), FakeMessages.ToolUse("Bash", """{"cmd":"ls"}"""), denied).Out($$"""{"type":"assistant" {{Secret}}""").Out(FakeMessages.ErrorResult($"No more {Secret}\nfail: forged\u2028fail: forged\u2029fail: forged\u202etwice")));
        using TestHost host = HostOf(chat);
        List<AmpEvent> events = [];
        await foreach (AmpEvent item in host.Client.StreamAsync(await host.Client.PlanAsync("hi", cancellationToken: Token), Token))
        {
            events.Add(item);
        }

        Assert.Contains(events, item => item.Kind == AmpEventKind.InvalidLine);
        string[] names = [.. host.Log.OfRuns.Select(entry => entry.Id.Name!)];
        Assert.All((string[])["RunStarted", "CliWrote", "LineInvalid", "ToolDenied", "RunEnded", "RunFailed"], name => Assert.Contains(name, names));
        Assert.All(host.Log.Entries, entry =>
        {
            Assert.DoesNotContain(Secret, entry.Text + string.Concat(entry.Values.Values) + entry.Exception, StringComparison.Ordinal);
            Assert.DoesNotContain(entry.Text, c => c is '\n' or '\u2028' or '\u2029' or '\u202e');
        });
        Assert.Contains(host.Log.OfRuns, entry => entry.Text.Contains("twice", StringComparison.Ordinal));
        Assert.Contains(host.Log.OfRuns, entry => entry.Text.Contains("***", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failure_is_an_error_with_its_id_once()
    {
        using FakeChat chat = new(new FakeCliScript().Out(FakeMessages.Init(FakeChat.Thread), FakeMessages.Assistant("x", "T-22222222-2222-3333-4444-555555555555")).Exit(3));
        using TestHost host = HostOf(chat);
        await Assert.ThrowsAsync<AmpProcessException>(() => host.Client.RunAsync("hi", cancellationToken: Token));
        LogEntry failed = Assert.Single(host.Log.OfRuns, entry => entry.Level >= LogLevel.Error);
        Assert.Equal(FakeChat.Thread, failed.Values["ThreadId"]);
        Assert.Equal((11, "RunFailed", AmpErrorId.CliFailed), (failed.Id.Id, failed.Id.Name, failed.Values["ErrorId"]));
        Assert.Null(failed.Exception);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_is_canceled_or_left_is_logged_when_its_processes_are_gone(bool cancels)
    {
        using FakeChat chat = new(new FakeCliScript().Session(FakeChat.Thread).EndPolitely().Init().Assistant("working").Hang());
        using TestHost host = HostOf(chat);
        using CancellationTokenSource cancel = new();
        try
        {
            await foreach (StreamMessage message in host.Client.ExecuteAsync("hi", cancellationToken: cancel.Token))
            {
                if (message is AssistantMessage && cancels)
                {
                    await cancel.CancelAsync();
                }
                else if (message is AssistantMessage)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (cancels)
        {
        }

        chat.NothingIsLeft();
        LogEntry end = host.Log.OfRuns[^1];
        Assert.Equal(cancels ? (12, "RunCanceled") : (13, "RunLeft"), (end.Id.Id, end.Id.Name));
        Assert.Equal(FakeChat.Thread, end.Values["ThreadId"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_is_left_at_its_result_was_read_to_its_end(bool fails)
    {
        using FakeChat chat = new(fails ? new FakeCliScript().Init().ErrorResult("no") : new FakeCliScript().Echo());
        using TestHost host = HostOf(chat);
        await foreach (StreamMessage message in host.Client.ExecuteAsync("hi", cancellationToken: Token))
        {
            if (message is ResultMessage)
            {
                break;
            }
        }

        string[] names = [.. host.Log.OfRuns.Select(entry => entry.Id.Name!)];
        Assert.Contains("RunEnded", names);
        Assert.DoesNotContain("RunLeft", names);
        Assert.Equal(fails, names.Contains("RunFailed"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_logging_provider_that_fails_changes_no_run_and_hides_nothing_from_another(bool failsWhenAsked)
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        using TestHost host = TestHost.With(services =>
        {
            // First, because no provider after one that says yes is asked.
            services.Insert(0, ServiceDescriptor.Singleton<ILoggerProvider>(new BrokenLog(failsWhenAsked)));
            services.AddAmp().Configure(_ => chat.Options);
        });
        Assert.Equal("Echo: hi", (await host.Client.RunAsync("hi", cancellationToken: Token)).Result);
        Assert.Equal("RunEnded", host.Log.OfRuns[^1].Id.Name);
        await Assert.ThrowsAsync<AmpValidationException>(() => host.Client.RunAsync("hi", chat.Options with { ThreadId = "x" }, Token));
        Assert.Equal("RunRefused", host.Log.OfRuns[^1].Id.Name);
    }

    [Fact]
    public async Task Options_that_cannot_be_used_are_logged_where_the_run_was_asked_for()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        using TestHost host = HostOf(chat);
        await Assert.ThrowsAsync<AmpValidationException>(() => host.Client.RunAsync("hi", chat.Options with { ThreadId = "x" }, Token));
        Assert.Equal("RunRefused", Assert.Single(host.Log.OfRuns).Id.Name);
        Assert.False(chat.HasStarted);
    }

    [Fact]
    public async Task An_agent_a_chat_client_and_a_function_of_a_registered_client_are_logged_too()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        using TestHost host = HostOf(chat);
        using AmpChatClient client = host.Client.AsIChatClient();
        using AmpAgent agent = host.Client.AsAIAgent();
        await client.GetResponseAsync("hi", cancellationToken: Token);
        await agent.RunAsync("hi", cancellationToken: Token);
        await host.Client.AsAIFunction().InvokeAsync(new AIFunctionArguments { ["prompt"] = "hi" }, Token);
        Assert.Equal(3, host.Log.OfRuns.Where(entry => entry.Id.Name == "RunEnded").Select(entry => entry.Values["Run"]).Distinct().Count());
    }

    [Fact]
    public async Task Every_request_with_options_that_a_reload_has_made_unusable_is_logged_once_and_no_health_check()
    {
        using PrivateHome home = new();
        IConfigurationRoot configuration = TestHost.Configuration(("Amp:WorkingDirectory", home.Root));
        using TestHost host = TestHost.With(services => services.AddAmp(configuration.GetSection("Amp")).Services.AddHealthChecks().AddAmp());
        await host.StartAsync();
        using AmpChatClient client = host.Client.AsIChatClient();
        using AmpAgent agent = host.Client.AsAIAgent();
        configuration["Amp:WorkingDirectory"] = Path.Combine(home.Root, "gone");
        _ = Record.Exception(configuration.Reload);
        Func<Task>[] requests =
        [
            () => client.GetResponseAsync("hi", cancellationToken: Token),
            () => agent.RunAsync("hi", cancellationToken: Token),
            () => host.Client.RunAsync("hi", cancellationToken: Token),
            () => host.Client.RunAsync("hi", host.Client.Options with { Labels = ["nightly"] }, Token),
        ];
        foreach (Func<Task> request in requests)
        {
            await Assert.ThrowsAsync<AmpValidationException>(request);
        }

        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Equal(Enumerable.Repeat("RunRefused", requests.Length), host.Log.OfRuns.Select(entry => entry.Id.Name));
    }

    [Fact]
    public async Task A_line_that_cannot_be_read_and_a_wrong_answer_are_logged_without_their_words()
    {
        const string Cut = """{"type":"assistant", what was said""";
        using FakeChat chat = new(new FakeCliScript().Out(FakeMessages.Init()).Out(Cut).Out(FakeMessages.Result("done")));
        using TestHost host = HostOf(chat);
        AmpJsonException unreadable = await Assert.ThrowsAsync<AmpJsonException>(() => host.Client.RunAsync("hi", cancellationToken: Token));
        Assert.Contains("what was said", unreadable.Message, StringComparison.Ordinal);
        LogEntry line = Assert.Single(host.Log.OfRuns, entry => entry.Id.Name == "LineInvalid");
        Assert.Contains($"{Cut.Length} characters", line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Log.OfRuns, entry => entry.Text.Contains("what was said", StringComparison.Ordinal));
        Assert.Contains("byte 21", line.Text, StringComparison.Ordinal);

        AmpReplay replay = new([new AmpMock { Output = new Dictionary<string, object?> { ["n"] = "secret words" } }]);
        OutputSchema schema = OutputSchema.Parse("""{"type":"object","properties":{"n":{"enum":[1]}},"required":["n"]}""");
        AmpOutputException wrong = await Assert.ThrowsAsync<AmpOutputException>(
            () => host.Client.RunAsync("hi", new AmpOptions { OutputSchema = schema, OutputRetryLimit = 0, Transport = replay.Transport }, Token));
        LogEntry failed = Assert.Single(host.Log.OfRuns, entry => entry.Id.Name == "RunFailed");
        Assert.Equal(AmpErrorId.OutputInvalid, failed.Values["ErrorId"]);
        Assert.DoesNotContain(wrong.Message, failed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Log.OfRuns, entry => entry.Text.Contains("secret words", StringComparison.Ordinal));
    }

    private static TestHost HostOf(FakeChat chat) => TestHost.With(services =>
    {
        AmpOptions options = chat.Options with
        {
            Environment = new Dictionary<string, string?>(chat.Options.Environment!) { ["SOME_TOKEN"] = Secret },
        };
        services.AddAmp().Configure(_ => options);
        services.AddAmp("other").Configure(_ => options);
    });

    private sealed class BrokenLog(bool failsWhenAsked) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => failsWhenAsked ? throw new InvalidOperationException("The log is broken.") : true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("The log is broken.");

        public void Dispose()
        {
        }
    }
}
