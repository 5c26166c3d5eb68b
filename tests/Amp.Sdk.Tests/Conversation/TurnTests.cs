using System.Runtime.CompilerServices;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Conversation;

public sealed class TurnTests
{
    [Fact]
    public async Task Every_message_is_answered_and_there_is_one_result()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turns());
        List<StreamMessage> messages = await AllAsync(run, Say("one", "zwei ü €", "three"));
        Assert.Equal(
            ["Echo: one", "Echo: zwei ü €", "Echo: three"],
            messages.OfType<AssistantMessage>().Select(message => message.ToString()));
        Assert.Equal("Echo: three", Assert.Single(messages.OfType<ResultMessage>()).Result);
        Assert.Contains("--stream-json-input", run.Record.Arguments);
        Assert.True(run.Record.ReachedEndOfInput);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_message_waits_until_the_turn_before_has_ended_which_neither_a_tool_call_nor_a_subagent_does()
    {
        using FakeRun run = new();

        // The pause can only make more room for a message that is written too early.
        run.Follow(new FakeCliScript().Init().ReadUntil("first")
            .Out("""{"type":"assistant","message":{"role":"assistant","stop_reason":"tool_use","content":[{"type":"tool_use","id":"1","name":"Task","input":{}}]},"session_id":"T-1"}""")
            .Out("""{"type":"assistant","parent_tool_use_id":"1","message":{"role":"assistant","stop_reason":"end_turn","content":[{"type":"text","text":"sub"}]},"session_id":"T-1"}""")
            .Out("""{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"done"}]},"session_id":"T-1"}""")
            .Sleep(200).Mark(run.Mark("working")).WaitFor(run.Mark("go")).Assistant("answer one").Turns());
        TaskCompletionSource written = new();
        Task<List<StreamMessage>> running = AllAsync(run, Watched());
        await run.MarkIsSetAsync("working");
        Assert.False(written.Task.IsCompleted);
        await File.WriteAllTextAsync(run.Mark("go"), "", TestContext.Current.CancellationToken);
        List<StreamMessage> messages = await running;
        Assert.True(written.Task.IsCompleted);
        Assert.Equal(["answer one", "Echo: second"], messages.OfType<AssistantMessage>().TakeLast(2).Select(message => message.Text));

        async IAsyncEnumerable<UserInputMessage> Watched()
        {
            yield return new UserInputMessage("first");
            yield return new UserInputMessage("second");

            // Asked for the next one: the second was answered.
            await Task.Yield();
            written.SetResult();
        }
    }

    // Some of them could also be a failure of the CLI's input.
    [Theory]
    [InlineData(typeof(InvalidTimeZoneException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(FileNotFoundException))]
    [InlineData(typeof(ObjectDisposedException))]
    public async Task What_the_source_throws_reaches_the_consumer_and_the_CLI_is_ended(Type type)
    {
        Exception thrown = (Exception)Activator.CreateInstance(type, "from the source")!;
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Turns().Hang());
        run.Options = run.Options with
        {
            CancellationGracePeriod = FakeRun.HangLimit,
            Permissions = [new AmpPermission("Read", PermissionAction.Allow)],
        };
        TaskCompletionSource answered = new();
        List<ResultMessage> results = [];
        Exception error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (StreamMessage message in AmpClient.ExecuteAsync(Failing(answered.Task, thrown), run.Options, TestContext.Current.CancellationToken))
            {
                if (message is AssistantMessage)
                {
                    answered.SetResult();
                }

                if (message is ResultMessage result)
                {
                    results.Add(result);
                }
            }
        }).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Same(thrown, error);
        Assert.NotEmpty(results);
        Assert.All(results, result => Assert.Equal(ResultOutcome.Failed, result.Outcome));
        run.NothingIsLeft();
        Assert.All(run.Record.Files, file => Assert.False(File.Exists(file.Path)));
    }

    [Fact]
    public async Task A_conversation_without_a_message_is_refused_and_the_CLI_is_ended()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().EndPolitely().Init().Mark(run.Mark("up")).Read().Hang());
        bool isVerified = false;
        run.Options = run.Options with
        {
            Verify = (_, _) =>
            {
                isVerified = true;
                return Task.FromResult(new AmpVerification(true));
            },
        };
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => AllAsync(run, Silent()))
            .WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal(AmpErrorId.InvalidOption, error.ErrorId);
        Assert.False(isVerified);
        run.NothingIsLeft();

        async IAsyncEnumerable<UserInputMessage> Silent()
        {
            await run.MarkIsSetAsync("up");
            yield break;
        }
    }

    [Fact]
    public async Task A_source_that_ends_with_the_token_of_the_caller_is_no_conversation_without_a_message()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().EndPolitely().Init().Mark(run.Mark("up")).Read().Hang());
        using CancellationTokenSource cancel = new();
        AmpCanceledException canceled = await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (StreamMessage _ in AmpClient.ExecuteAsync(Silent(), run.Options, cancel.Token))
            {
            }
        }).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.Equal(cancel.Token, canceled.CancellationToken);
        run.NothingIsLeft();

        async IAsyncEnumerable<UserInputMessage> Silent()
        {
            await run.MarkIsSetAsync("up");
            await cancel.CancelAsync();
            yield break;
        }
    }

    [Fact]
    public async Task A_source_that_never_ends_can_be_cancelled()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Turns());
        using CancellationTokenSource cancel = new();
        bool isDisposed = false;
        await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (StreamMessage message in AmpClient.ExecuteAsync(Endless(CancellationToken.None), run.Options, cancel.Token))
            {
                if (message is AssistantMessage)
                {
                    await cancel.CancelAsync();
                }
            }
        }).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.True(isDisposed);
        run.NothingIsLeft();

        async IAsyncEnumerable<UserInputMessage> Endless([EnumeratorCancellation] CancellationToken token = default)
        {
            try
            {
                yield return new UserInputMessage("only one");
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                isDisposed = true;
            }
        }
    }

    [Fact]
    public async Task A_source_that_takes_no_notice_of_the_end_does_not_hold_the_run_up()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Turns());
        TaskCompletionSource never = new();
        await foreach (StreamMessage message in AmpClient.ExecuteAsync(Deaf(), run.Options, TestContext.Current.CancellationToken))
        {
            if (message is AssistantMessage)
            {
                break;
            }
        }

        run.NothingIsLeft();

        async IAsyncEnumerable<UserInputMessage> Deaf()
        {
            yield return new UserInputMessage("only one");
            await never.Task;
        }
    }

    [Fact]
    public async Task A_turn_that_fails_ends_the_conversation()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turn().ReadUntil("two").ErrorResult("boom").Read());
        List<StreamMessage> messages = await AllAsync(run, Say("one", "two", "three"));
        Assert.Equal("boom", Assert.IsType<ErrorResultMessage>(messages[^1]).Error);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task The_input_ends_only_when_the_last_message_is_answered()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init().ReadUntil("only").Sleep(100).Assistant("answer").Read().Result("answer"));
        List<StreamMessage> messages = await AllAsync(run, Say("only"));
        Assert.Equal("answer", Assert.IsType<ResultMessage>(messages[^1]).Result);
        Assert.True(run.Record.ReachedEndOfInput);
    }

    [Fact]
    public async Task A_CLI_that_ends_in_the_middle_is_told_as_such()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turn().Exit(3));
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => AllAsync(run, Say("one", "two", "three")));
        Assert.Equal(3, error.ExitCode);
        run.NothingIsLeft();
    }

    // Its result would stand for answers that were never given.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_CLI_that_ends_well_before_the_conversation_does_has_failed(bool stays)
    {
        FakeCliScript script = new FakeCliScript().Init().Turn().Result("done");
        using FakeRun run = new(stays ? script.Hang() : script);
        run.Options = run.Options with { ExitGracePeriod = TimeSpan.FromSeconds(1) };
        RunOutcome outcome = await RunOutcome.OfAsync(
            AmpClient.PlanAsync(Say("one", "two", "three"), run.Options, TestContext.Current.CancellationToken), string.Empty, TestContext.Current.CancellationToken)
            .WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        AmpProcessException error = outcome.Failed<AmpProcessException>(AmpErrorId.CliFailed);
        Assert.Equal(outcome.Messages[0].SessionId, error.ThreadId);
        Assert.Equal(ResultOutcome.Failed, outcome.Result!.Outcome);
        run.NothingIsLeft();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public void An_empty_message_is_refused(string text) => Assert.Throws<AmpValidationException>(() => new UserInputMessage(text));

    private static async Task<List<StreamMessage>> AllAsync(FakeRun run, IAsyncEnumerable<UserInputMessage> source)
    {
        List<StreamMessage> messages = [];
        await foreach (StreamMessage message in AmpClient.ExecuteAsync(source, run.Options, TestContext.Current.CancellationToken))
        {
            messages.Add(message);
        }

        return messages;
    }

    private static async IAsyncEnumerable<UserInputMessage> Say(params string[] texts)
    {
        foreach (string text in texts)
        {
            await Task.Yield();
            yield return new UserInputMessage(text);
        }
    }

    private static async IAsyncEnumerable<UserInputMessage> Failing(Task moment, Exception thrown)
    {
        yield return new UserInputMessage("one");
        await moment;
        throw thrown;
    }
}
