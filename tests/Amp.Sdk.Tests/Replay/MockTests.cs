using System.Collections.Specialized;
using Amp.Testing;

namespace Amp.Sdk.Tests.Replay;

/// <summary>A mocked agent answers runs and sessions as a real one would, through everything above the CLI.</summary>
public sealed class MockTests
{
    private static readonly AmpTool s_add = new(
        "add",
        "Adds.",
        """{"type":"object","properties":{"a":{"type":"integer"}}}""",
        (input, _) => Task.FromResult(new ToolResult($"added {input}")));

    [Fact]
    public async Task The_first_mock_that_matches_answers_and_each_call_can_be_looked_at()
    {
        AmpReplay replay = new([new AmpMock { Prompt = "LIST*", Text = "a, b" }, new AmpMock { Prompt = "what?", Text = "that", Times = 1 }, new AmpMock { Prompt = "never" }]);
        ResultMessage result = await AmpClient.RunAsync("list\nfiles", replay.Of(new AmpOptions { Mode = "smart", Title = "T" }), Token);
        await AmpClient.RunAsync("what!", replay.Of(new AmpOptions { ThreadId = result.SessionId }), Token);

        Assert.Equal(("a, b", ResultOutcome.Succeeded), (result.Result, result.Outcome));
        Assert.Equal(["list\nfiles", "what!"], replay.Calls.Select(call => call.Prompt));
        Assert.Equal(("smart", "T", null), (replay.Calls[0].Options.Mode, replay.Calls[0].Options.Title, replay.Calls[0].ThreadId));
        Assert.Equal(result.SessionId, replay.Calls[1].ThreadId);
        Assert.Equal(["mock for 'never'"], replay.Unused);
        AmpValidationException missing = await Assert.ThrowsAsync<AmpValidationException>(() => AmpClient.RunAsync("what!", replay.Of(), Token));
        Assert.Equal(AmpErrorId.ReplayMismatch, missing.ErrorId);
        Assert.Contains("what!", missing.Message, StringComparison.Ordinal);
        Assert.Contains("once", missing.Message, StringComparison.Ordinal);
        Assert.Equal(2, replay.CallCount);
    }

    [Fact]
    public async Task A_tool_of_the_caller_is_really_called_and_others_are_not()
    {
        AmpReplay replay = new(
        [
            new AmpMock
            {
                Thinking = "Hm.",
                ToolUses =
                [
                    new MockToolUse("add", new OrderedDictionary { ["a"] = 1 }),
                    new MockToolUse("add") { Result = "not called" },
                    new MockToolUse("Bash", new OrderedDictionary { ["cmd"] = "ls" }) { Result = "b", IsError = true },
                    new MockToolUse("Bash", new OrderedDictionary { ["cmd"] = "rm" }) { DeniedReason = "no" },
                ],
                Text = "done",
                Usage = new TokenUsage(1, 2),
            },
        ]);
        List<StreamMessage> messages = await ReadAsync("go", replay.Of(new AmpOptions { Tools = [s_add], IncludeThinking = true }));
        ResultMessage result = (ResultMessage)messages[^1];

        Assert.Equal(["added {\"a\":1}", "not called", "b", "Tool execution rejected by user: no"], messages.SelectMany(message => message.ToolResult).Select(one => one.Text));
        Assert.Equal(["mcp__sdk__add", "mcp__sdk__add", "Bash", "Bash"], messages.SelectMany(message => message.ToolUse).Select(call => call.Name));
        Assert.Equal("Hm.", Assert.Single(messages.SelectMany(message => message.Content).OfType<ThinkingContent>()).Thinking);
        Assert.Equal((ResultOutcome.Denied, 4, 1L), (result.Outcome, result.ToolUseCount, result.Usage!.InputTokens));
        Assert.Equal("rm", Assert.Single(result.Denials).Command);
        Assert.Contains("mcp__sdk__add", ((SystemMessage)messages[0]).Tools);
    }

    [Fact]
    public async Task The_caller_is_asked_as_by_a_real_agent()
    {
        List<string> asked = [];
        AmpReplay replay = new(
        [
            new AmpMock
            {
                ToolUses = [new MockToolUse("Bash", new OrderedDictionary { ["cmd"] = "ls" }) { Result = "a" }, new MockToolUse("Bash", new OrderedDictionary { ["cmd"] = "rm" }), new MockToolUse("Read") { Asks = true }],
                Text = "done",
            },
        ]);
        AmpOptions options = replay.Of(new AmpOptions
        {
            Approval = (request, _) =>
            {
                asked.Add(request.Command ?? request.ToolName);
                return Task.FromResult(request.Command == "rm" ? ApprovalDecision.Reject("never") : ApprovalDecision.Allow);
            },
        });
        ResultMessage result = await AmpClient.RunAsync("go", options, Token);

        Assert.Equal(["ls", "rm", "Read"], asked);
        Assert.Equal([true, false, true], result.Approvals.Select(approval => approval.IsAllowed));
        Assert.Equal("Tool execution rejected by user: never", Assert.Single(result.Denials).Reason);
        Assert.Equal(ResultOutcome.Denied, result.Outcome);
    }

    [Fact]
    public async Task A_structured_answer_is_checked()
    {
        AmpReplay replay = new([new AmpMock { Prompt = "good", Output = new OrderedDictionary { ["n"] = 1 } }, new AmpMock { Output = new OrderedDictionary { ["n"] = "x" } }]);
        OutputSchema schema = OutputSchema.Parse("""{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}""");
        ResultMessage result = await AmpClient.RunAsync("good", replay.Of(new AmpOptions { OutputSchema = schema }), Token);
        Assert.Equal("""{"n":1}""", result.OutputJson);
        Assert.Equal("good", replay.Calls[0].Prompt);
        await Assert.ThrowsAsync<AmpOutputException>(() => AmpClient.RunAsync("bad", replay.Of(new AmpOptions { OutputSchema = schema }), Token));
        int[] list = await AmpClient.RunAsync<int[]>("list", new AmpReplay([new AmpMock { Output = (int[])[1, 2, 3] }]).Of(), Token);
        Assert.Equal((int[])[1, 2, 3], list);
    }

    [Fact]
    public async Task A_run_fails_as_the_mock_says_and_is_repeated_at_once()
    {
        // A test that waits for the service would not end.
        AmpReplay replay = new([new AmpMock { Prompt = "go", Text = "Half", Error = "429 rate limit exceeded, try again in 20 hours", Times = 1 }, new AmpMock { Prompt = "go", Text = "done" }]);
        List<StreamMessage> messages = await ReadAsync("go", replay.Of(new AmpOptions { RetryLimit = 1, Title = "T" }));
        ResultMessage result = (ResultMessage)messages[^1];

        Assert.Equal(("done", AmpErrorId.Throttled), (result.Result, Assert.Single(result.Retries).ErrorId));
        Assert.Equal(TimeSpan.FromHours(20), Assert.Single(result.Retries).Delay);
        Assert.Equal(["Half", "done"], messages.OfType<AssistantMessage>().Select(message => message.Text));
        Assert.Equal(["T", "T"], replay.Calls.Select(call => call.Options.Title));
        Assert.Equal([null, result.SessionId], replay.Calls.Select(call => call.ThreadId));
        AmpAgentException turns = await Assert.ThrowsAsync<AmpAgentException>(() =>
            AmpClient.RunAsync("go", new AmpReplay([new AmpMock { Error = "no more", ErrorSubtype = "error_max_turns" }]).Of(), Token));
        Assert.Equal(AmpErrorId.MaxTurnsReached, turns.ErrorId);
    }

    [Fact]
    public async Task Options_are_told_as_they_were_given_and_a_thread_by_its_address()
    {
        AmpReplay replay = new([new AmpMock { Text = "done" }]);
        ResultMessage result = await AmpClient.RunAsync(
            "go",
            replay.Of(new AmpOptions
            {
                ThreadId = "https://ampcode.com/threads/T-01A1FBD6-de8d-719c-933e-68551eac1394?x#message",
                Permissions = [AmpPermission.ForKind(ToolKind.Shell, PermissionAction.Reject)],
                OutputSchema = null,
            }),
            Token);
        Assert.Equal("T-01a1fbd6-de8d-719c-933e-68551eac1394", result.SessionId);
        Assert.Equal(ToolKind.Shell, Assert.Single(replay.Calls[0].Options.Permissions!).Kind);
    }

    [Fact]
    public async Task A_mock_that_cannot_answer_is_refused_before_any_run()
    {
        AmpMock[] unusable =
        [
            new AmpMock { Times = 0 },
            new AmpMock { ThreadId = "abc" },
            new AmpMock { Output = new Version(1, 0) },
            new AmpMock { ToolUses = [new MockToolUse("add", new OrderedDictionary { ["a"] = new Version(1, 0) })] },
            new AmpMock { ToolUses = [new MockToolUse("add") { Result = new Version(1, 0) }] },
        ];
        Assert.All(unusable, mock => Assert.Equal(AmpErrorId.InvalidOption, Assert.Throws<AmpValidationException>(() => new AmpReplay([new AmpMock(), mock])).ErrorId));

        AmpReplay replay = new([new AmpMock { ThreadId = "https://ampcode.com/threads/T-01A1FBD6-de8d-719c-933e-68551eac1394", Text = "done" }]);
        Assert.Equal("T-01a1fbd6-de8d-719c-933e-68551eac1394", (await AmpClient.RunAsync("go", replay.Of(), Token)).SessionId);
    }

    [Fact]
    public async Task Each_message_of_a_session_gets_the_answer_of_its_mock()
    {
        AmpReplay replay = new([new AmpMock { Prompt = "one", Text = "1" }, new AmpMock { Prompt = "two", Text = "2" }]);
        AmpSession session = await AmpSession.OpenAsync(replay.Of(), cancellationToken: Token);
        await using (session)
        {
            List<string> texts = [];
            foreach (string said in (string[])["one", "two", "one"])
            {
                await foreach (StreamMessage message in session.SendAsync(said, Token))
                {
                    texts.AddRange(message is AssistantMessage ? [message.Text] : []);
                }
            }

            Assert.Equal(["1", "2", "1"], texts);
            await Assert.ThrowsAsync<AmpValidationException>(async () =>
            {
                await foreach (StreamMessage message in session.SendAsync("three", Token))
                {
                    _ = message;
                }
            });
        }

        Assert.Equal(["one", "two", "one"], replay.Calls.Select(call => call.Prompt));
    }

    [Fact]
    public async Task What_a_verification_finds_continues_the_last_turn_of_a_conversation()
    {
        AmpReplay replay = new([new AmpMock { Prompt = "one", Text = "1" }, new AmpMock { Prompt = "two", Text = "2" }]);
        AmpOptions options = replay.Of(new AmpOptions { Verify = (request, _) => Task.FromResult(new AmpVerification(request.Attempt > 1, "red")) });
        List<StreamMessage> messages = [];
        await foreach (StreamMessage message in AmpClient.ExecuteAsync(SayAsync("one", "two"), options, Token))
        {
            messages.Add(message);
        }

        Assert.Equal(["1", "2", "2"], messages.OfType<AssistantMessage>().Select(message => message.Text));
        Assert.Equal([false, true], ((ResultMessage)messages[^1]).Verifications.Select(verification => verification.Passed));
        Assert.Equal(["one", "two"], replay.Calls.Select(call => call.Prompt));
    }

    [Fact]
    public async Task A_stopped_run_ends_like_one_of_the_CLI()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        AmpTool slow = new("slow", "Waits.", """{"type":"object"}""", async (_, token) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return new ToolResult("late");
        });
        AmpReplay replay = new([new AmpMock { ToolUses = [new MockToolUse("slow")], Text = "done" }]);
        List<StreamMessage> messages = [];
        await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (StreamMessage message in AmpClient.ExecuteAsync("go", replay.Of(new AmpOptions { Tools = [slow] }), stop.Token))
            {
                messages.Add(message);
            }
        });
        Assert.Equal(ResultOutcome.Canceled, Assert.IsType<ErrorResultMessage>(messages[^1]).Outcome);

        // Left early, nothing of it works on.
        TaskCompletionSource begun = new();
        TaskCompletionSource ended = new();
        AmpTool endless = new("slow", "Waits.", """{"type":"object"}""", async (_, token) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, token).ContinueWith(_ => ended.SetResult(), TaskScheduler.Default);
            return new ToolResult("late");
        });
        await foreach (StreamMessage message in AmpClient.ExecuteAsync("go", replay.Of(new AmpOptions { Tools = [endless] }), Token))
        {
            if (message is AssistantMessage)
            {
                await begun.Task.WaitAsync(Token);
                break;
            }
        }

        await ended.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task Nothing_is_started_and_the_settings_of_the_user_do_not_matter()
    {
        using PrivateHome home = new();
        string settings = Path.Combine(home.Root, "settings.json");
        await File.WriteAllTextAsync(settings, "not JSON", Token);
        AmpReplay replay = new([new AmpMock { Text = "done" }]);
        AmpOptions options = replay.Of(new AmpOptions
        {
            SettingsFile = settings,
            CliPath = Path.Combine(home.Root, "no-cli"),
            Permissions = [new AmpPermission("Bash", PermissionAction.Reject)],
        });
        List<AmpEvent> events = [];
        await foreach (AmpEvent item in AmpClient.StreamAsync(await AmpClient.PlanAsync("go", options, Token), Token))
        {
            events.Add(item);
        }

        Assert.Null(events[0].Start!.ProcessId);
        Assert.Equal(0, events[^1].Exit!.ExitCode);
        AmpValidationException none = await Assert.ThrowsAsync<AmpValidationException>(() => AmpClient.GetCliAsync(options, Token));
        Assert.Equal(AmpErrorId.NotReplayed, none.ErrorId);
        none = await Assert.ThrowsAsync<AmpValidationException>(() => new ThreadClient(options).RenameAsync("T-01a1fbd6-de8d-719c-933e-68551eac1394", "x", Token));
        Assert.Equal(AmpErrorId.NotReplayed, none.ErrorId);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async IAsyncEnumerable<UserInputMessage> SayAsync(params string[] texts)
    {
        foreach (string text in texts)
        {
            await Task.Yield();
            yield return new UserInputMessage(text);
        }
    }

    private static async Task<List<StreamMessage>> ReadAsync(string prompt, AmpOptions options)
    {
        List<StreamMessage> messages = [];
        await foreach (StreamMessage message in AmpClient.ExecuteAsync(prompt, options, Token))
        {
            messages.Add(message);
        }

        return messages;
    }
}

/// <summary>Options of a run that a replay answers.</summary>
internal static class ReplayOptions
{
    public static AmpOptions Of(this AmpReplay replay, AmpOptions? options = null) => (options ?? new AmpOptions()) with { Transport = replay.Transport };
}
