using System.Collections.Specialized;
using System.Text.RegularExpressions;
using Amp.Sdk.Tests.Records;
using Amp.Testing;

namespace Amp.Sdk.Tests.Replay;

/// <summary>A record answers the run that it is a record of, with the same objects, and no other run.</summary>
public sealed partial class RecordTests : IDisposable
{
    private readonly PrivateHome _home = new();

    public static TheoryData<string> Files => RoundTripTests.Files;

    public void Dispose() => _home.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_recorded_run_is_replayed_as_it_was(string file)
    {
        string path = Path.Combine(RepositoryLayout.Transcripts, file);
        List<StreamMessage> recorded = (await Recorded.ReadAsync(path)).Messages();
        AmpReplay replay = await AmpReplay.FromFilesAsync([path], cancellationToken: Token);
        string[] prompts = [.. recorded.OfType<UserMessage>().Where(said => said.ToolResult.Count == 0).Select(said => said.Text)];
        replay.AllowDifference = prompts.Length == 0;

        List<StreamMessage> messages = await ReadAsync(prompts.Length > 1
            ? AmpClient.ExecuteAsync(Each(prompts), replay.Of(), Token)
            : AmpClient.ExecuteAsync(prompts.FirstOrDefault() ?? "anything", replay.Of(), Token));

        Assert.Equal(recorded, messages);
        Assert.Equal(recorded.Select(TextOf), messages.Select(TextOf));
        Assert.Empty(replay.Unused);
    }

    [Fact]
    public async Task A_transcript_with_tools_decisions_and_an_answer_is_replayed_through_all_of_them()
    {
        int calls = 0;
        string transcript = Path.Combine(_home.Root, "run.ndjson");
        AmpTool tool = new("add", "Adds.", """{"type":"object"}""", (_, _) => Task.FromResult(new ToolResult($"{++calls}")));
        AmpOptions options = new()
        {
            Tools = [tool],
            Approval = (request, _) => Task.FromResult(request.Command == "rm" ? ApprovalDecision.Reject() : ApprovalDecision.Allow),
            OutputSchema = OutputSchema.Parse("""{"type":"array","items":{"type":"integer"}}"""),
            Mode = "smart",
            Title = "A title",
            Timeout = TimeSpan.FromMinutes(2),
        };
        AmpReplay mock = new([new AmpMock { ToolUses = [new MockToolUse("add"), new MockToolUse("Bash", new OrderedDictionary { ["cmd"] = "rm" })], Output = (int[])[1, 2] }]);
        List<StreamMessage> live = await ReadAsync(AmpClient.ExecuteAsync("go", mock.Of(options with { TranscriptPath = transcript }), Token));

        AmpReplay replay = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);
        List<StreamMessage> again = await ReadAsync(AmpClient.ExecuteAsync("go", replay.Of(options), Token));

        Assert.Equal(live.Select(TextOf), again.Select(TextOf));
        Assert.Equal(2, calls);
        Assert.Equal("[1,2]", ((ResultMessage)again[^1]).OutputJson);

        AmpReplay strict = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);
        AmpValidationException other = await Assert.ThrowsAsync<AmpValidationException>(() => ReadAsync(AmpClient.ExecuteAsync(
            "go", strict.Of(options with { Approval = (_, _) => Task.FromResult(ApprovalDecision.Allow) }), Token)));
        Assert.Equal(AmpErrorId.ReplayMismatch, other.ErrorId);
        Assert.Contains("rejected in the record", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_with_another_prompt_or_other_options_is_refused_with_the_difference()
    {
        string transcript = await RecordAsync(new AmpOptions { Mode = "smart" }, "go");
        AmpReplay replay = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);

        AmpValidationException prompt = await RefusedAsync("stay", replay.Of(new AmpOptions { Mode = "smart" }));
        Assert.Contains("the prompt was 'go' and is now 'stay'", prompt.Message, StringComparison.Ordinal);
        AmpValidationException options = await RefusedAsync("go", replay.Of(new AmpOptions { Mode = "rush", Permissions = [new AmpPermission("Bash", PermissionAction.Allow)] }));
        Assert.Contains("mode was 'smart' and is now 'rush'", options.Message, StringComparison.Ordinal);
        Assert.Contains("permissions was not given", options.Message, StringComparison.Ordinal);
        Assert.Single(replay.Unused);
        Assert.Empty(replay.Calls);

        replay.AllowDifference = true;
        Assert.Equal("done", (await AmpClient.RunAsync("stay", replay.Of(), Token)).Result);
        AmpValidationException more = await RefusedAsync("go", replay.Of());
        Assert.Contains("have been used", more.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_answer_parallel_runs_by_their_prompts_and_mocks_answer_the_rest()
    {
        string[] transcripts = [await RecordAsync(new AmpOptions(), "a"), await RecordAsync(new AmpOptions(), "b"), await RecordAsync(new AmpOptions { TranscriptContent = TranscriptContent.Hash }, "c")];
        AmpReplay replay = await AmpReplay.FromFilesAsync(transcripts, [new AmpMock { Prompt = "d", Text = "mocked" }], Token);

        ResultMessage[] results = await Task.WhenAll(((string[])["d", "c", "b", "a"]).Select(prompt => AmpClient.RunAsync(prompt, replay.Of(), Token)));

        Assert.Equal("mocked", results[0].Result);
        Assert.Equal(["a", "b", "c", "d"], replay.Calls.Select(call => call.Prompt).Order(StringComparer.Ordinal));
        Assert.Empty(replay.Unused);
    }

    [Fact]
    public async Task Tries_and_the_turns_of_a_session_are_replayed()
    {
        string transcript = Path.Combine(_home.Root, "tries.ndjson");
        AmpReplay mock = new([new AmpMock { Error = "429 rate limit exceeded", Times = 1 }, new AmpMock { Text = "done" }]);
        AmpOptions options = new() { RetryLimit = 2 };
        await AmpClient.RunAsync("go", mock.Of(options with { TranscriptPath = transcript }), Token);
        AmpSession recorded = await AmpSession.OpenAsync(mock.Of(new AmpOptions { TranscriptPath = transcript }), cancellationToken: Token);
        string[] texts;
        await using (recorded)
        {
            texts = [await TurnAsync(recorded, "one"), await TurnAsync(recorded, "two")];
        }

        AmpReplay replay = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);
        ResultMessage result = await AmpClient.RunAsync("go", replay.Of(options), Token);
        Assert.Equal(("done", AmpErrorId.Throttled), (result.Result, Assert.Single(result.Retries).ErrorId));
        AmpSession session = await AmpSession.OpenAsync(replay.Of(), cancellationToken: Token);
        await using (session)
        {
            string[] again = [await TurnAsync(session, "one"), await TurnAsync(session, "two")];
            Assert.Equal(texts, again);
        }

        Assert.Empty(replay.Unused);
        AmpSession other = await AmpSession.OpenAsync((await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token)).Of(), cancellationToken: Token);
        await using (other)
        {
            Assert.Equal("done", await TurnAsync(other, "one"));
            AmpValidationException differs = await Assert.ThrowsAsync<AmpValidationException>(() => TurnAsync(other, "three"));
            Assert.Contains("three", differs.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_second_try_answers_the_retry_of_its_run_and_nothing_else()
    {
        string transcript = Path.Combine(_home.Root, "tries.ndjson");
        AmpReplay mock = new([new AmpMock { Error = "429 rate limit exceeded", Times = 1 }, new AmpMock { Text = "done" }]);
        ResultMessage recorded = await AmpClient.RunAsync("go", mock.Of(new AmpOptions { RetryLimit = 2, TranscriptPath = transcript }), Token);
        AmpReplay replay = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);
        AmpException first = await Assert.ThrowsAnyAsync<AmpException>(() => AmpClient.RunAsync("go", replay.Of(new AmpOptions()), Token));
        Assert.Equal(AmpErrorId.ReplayMismatch, first.ErrorId);
        replay.AllowDifference = true;
        Assert.Equal(AmpErrorId.Throttled, (await Assert.ThrowsAsync<AmpAgentException>(() => AmpClient.RunAsync("go", replay.Of(new AmpOptions()), Token))).ErrorId);
        await RefusedAsync("go", replay.Of(new AmpOptions { ThreadId = recorded.SessionId }));
        await RefusedAsync("go", replay.Of(new AmpOptions { RetryLimit = 2 }));
        Assert.Single(replay.Calls);
    }

    [Fact]
    public async Task A_run_that_was_not_started_answers_nothing()
    {
        string transcript = Path.Combine(_home.Root, "night.ndjson");
        using (TranscriptWriter writer = TranscriptWriter.Open(transcript, new TranscriptRun { Prompt = "go" }))
        {
            writer.WriteEnd(new TranscriptEnd { Outcome = ResultOutcome.Failed, ErrorId = AmpErrorId.HostUnreachable, Error = "The host is down." });
        }

        Assert.Empty((await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token)).Unused);
        await AmpClient.RunAsync("go", new AmpReplay([new AmpMock { Text = "done" }]).Of(new AmpOptions { TranscriptPath = transcript }), Token);
        AmpReplay replay = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);
        Assert.Equal("done", (await AmpClient.RunAsync("go", replay.Of(), Token)).Result);
    }

    [Fact]
    public async Task A_conversation_that_ends_before_its_record_is_refused()
    {
        string transcript = Path.Combine(_home.Root, "talk.ndjson");
        AmpReplay mock = new([new AmpMock { Text = "done" }]);
        await ReadAsync(AmpClient.ExecuteAsync(Each(["one", "two"]), mock.Of(new AmpOptions { TranscriptPath = transcript }), Token));
        AmpReplay replay = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);
        AmpValidationException shorter = await Assert.ThrowsAsync<AmpValidationException>(() => ReadAsync(AmpClient.ExecuteAsync(Each(["one"]), replay.Of(), Token)));
        Assert.Equal(AmpErrorId.ReplayMismatch, shorter.ErrorId);
        Assert.Contains("'two'", shorter.Message, StringComparison.Ordinal);
        replay = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);
        replay.AllowDifference = true;
        Assert.Equal("done", Assert.IsAssignableFrom<ResultMessage>((await ReadAsync(AmpClient.ExecuteAsync(Each(["one"]), replay.Of(), Token)))[^1]).Result);

        // A session that is closed has said all that it was to say, and one that is dropped is nobody's matter.
        AmpReplay open = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);
        AmpSession session = await AmpSession.OpenAsync(open.Of(), cancellationToken: Token);
        Assert.Equal("done", await TurnAsync(session, "one"));
        await session.DisposeAsync();
    }

    [Fact]
    public async Task A_replay_ends_only_after_the_verification_and_the_end_of_the_input()
    {
        string transcript = Path.Combine(_home.Root, "verified.ndjson");
        int verifications = 0;
        AmpOptions options = new()
        {
            Verify = async (_, token) =>
            {
                verifications++;
                await Task.Delay(100, token);
                return new AmpVerification(true);
            },
        };
        await AmpClient.RunAsync("go", new AmpReplay([new AmpMock { Text = "done" }]).Of(options with { TranscriptPath = transcript }), Token);
        AmpReplay replay = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);
        Assert.Equal(ResultOutcome.Succeeded, (await AmpClient.RunAsync("go", replay.Of(options), Token)).Outcome);
        Assert.Equal(2, verifications);

        string talk = Path.Combine(_home.Root, "session.ndjson");
        Assert.Equal("done", await ConverseAsync(new AmpReplay([new AmpMock { Text = "done" }]), new AmpOptions { TranscriptPath = talk }));
        Assert.Equal("done", await ConverseAsync(await AmpReplay.FromFilesAsync([talk], cancellationToken: Token), new AmpOptions()));

        static async Task<string?> ConverseAsync(AmpReplay replay, AmpOptions options)
        {
            AmpSession session = await AmpSession.OpenAsync(replay.Of(options), cancellationToken: Token);
            await using (session)
            {
                Assert.Equal("done", await TurnAsync(session, "one"));
                Assert.Equal("done", await TurnAsync(session, "two"));
                await Task.Delay(100, Token);
                return (await session.EndAsync(Token))?.Result;
            }
        }
    }

    [Fact]
    public async Task A_conversation_that_goes_on_after_the_end_of_its_record_is_refused()
    {
        string transcript = Path.Combine(_home.Root, "talk.ndjson");
        await ReadAsync(AmpClient.ExecuteAsync(Each(["one"]), new AmpReplay([new AmpMock { Text = "done" }]).Of(new AmpOptions { TranscriptPath = transcript }), Token));
        string plain = Path.Combine(_home.Root, "talk.jsonl");
        await File.WriteAllLinesAsync(plain, (await Recorded.ReadAsync(transcript)).Messages().Select(message => message.RawJson), Token);
        foreach (string path in (string[])[transcript, plain])
        {
            AmpReplay replay = await AmpReplay.FromFilesAsync([path], cancellationToken: Token);
            AmpValidationException longer = await Assert.ThrowsAsync<AmpValidationException>(() => ReadAsync(AmpClient.ExecuteAsync(Each(["one", "two"]), replay.Of(), Token)));
            Assert.Equal(AmpErrorId.ReplayMismatch, longer.ErrorId);
            Assert.Contains("'two'", longer.Message, StringComparison.Ordinal);
            replay = await AmpReplay.FromFilesAsync([path], cancellationToken: Token);
            replay.AllowDifference = true;
            Assert.Equal("done", Assert.IsType<ResultMessage>((await ReadAsync(AmpClient.ExecuteAsync(Each(["one", "two"]), replay.Of(), Token)))[^1]).Result);
        }

        // Output that ends without the end of a turn: no message can come before its result.
        string silent = Path.Combine(_home.Root, "silent.jsonl");
        await File.WriteAllLinesAsync(silent, (await File.ReadAllLinesAsync(plain, Token)).Where(line => !line.Contains("\"assistant\"", StringComparison.Ordinal)), Token);
        AmpReplay shorter = await AmpReplay.FromFilesAsync([silent], cancellationToken: Token);
        Assert.Equal("done", Assert.IsType<ResultMessage>((await ReadAsync(AmpClient.ExecuteAsync(Each(["one"]), shorter.Of(), Token)))[^1]).Result);
    }

    [Fact]
    public async Task Other_rules_are_compared_beside_rules_for_kinds_and_a_record_without_a_prompt_answers_no_other()
    {
        AmpPermission[] rules = [AmpPermission.ForKind(ToolKind.Shell, PermissionAction.Reject), new AmpPermission("Read", PermissionAction.Allow)];
        string transcript = await RecordAsync(new AmpOptions { Permissions = rules }, "go");
        AmpReplay replay = await AmpReplay.FromFilesAsync([transcript], cancellationToken: Token);
        await RefusedAsync("go", replay.Of(new AmpOptions { Permissions = [rules[0], new AmpPermission("Read", PermissionAction.Reject)] }));
        await RefusedAsync("go", replay.Of(new AmpOptions { Permissions = [rules[0]] }));
        await RefusedAsync("go", replay.Of(new AmpOptions { Permissions = [rules[1]] }));
        Assert.Equal("done", (await AmpClient.RunAsync("go", replay.Of(new AmpOptions { Permissions = rules }), Token)).Result);

        string silent = Path.Combine(_home.Root, "silent.jsonl");
        await File.WriteAllTextAsync(
            silent,
            """
            {"type":"system","subtype":"init","session_id":"T-01a1fbd6-de8d-719c-933e-68551eac1394"}
            {"type":"result","subtype":"success","is_error":false,"result":"done","session_id":"T-01a1fbd6-de8d-719c-933e-68551eac1394"}

            """,
            Token);
        AmpReplay unasked = await AmpReplay.FromFilesAsync([silent], cancellationToken: Token);
        Assert.Contains("does not contain its prompt", (await RefusedAsync("go", unasked.Of())).Message, StringComparison.Ordinal);
        unasked.AllowDifference = true;
        Assert.Equal("done", (await AmpClient.RunAsync("go", unasked.Of(), Token)).Result);
    }

    [Fact]
    public async Task A_run_without_an_end_was_killed_and_its_times_can_be_kept()
    {
        string path = Path.Combine(_home.Root, "killed.ndjson");
        await File.WriteAllTextAsync(
            path,
            """
            {"amp_transcript":1,"run":"r","time":"2026-11-30T01:37:00.000Z","kind":"run","content":"full","prompt":"go"}
            {"run":"r","ms":10,"text":"no JSON"}
            {"run":"r","ms":300,"line":{"type":"system","subtype":"init","session_id":"T-01a1fbd6-de8d-719c-933e-68551eac1394"}}

            """,
            Token);
        AmpReplay replay = await AmpReplay.FromFilesAsync([path], cancellationToken: Token);
        replay.KeepTiming = true;
        long start = Environment.TickCount64;

        AmpProcessException killed = await Assert.ThrowsAsync<AmpProcessException>(() => AmpClient.RunAsync("go", replay.Of(), Token));
        Assert.Equal(AmpErrorId.CliTerminated, killed.ErrorId);
        Assert.True(Environment.TickCount64 - start >= 290);
        Assert.Equal("T-01a1fbd6-de8d-719c-933e-68551eac1394", killed.ThreadId);
    }

    [Fact]
    public async Task A_file_without_a_run_is_refused()
    {
        string path = Path.Combine(_home.Root, "empty.ndjson");
        await File.WriteAllTextAsync(path, "words\n", Token);
        await Assert.ThrowsAsync<AmpValidationException>(() => AmpReplay.FromFilesAsync([path], cancellationToken: Token));
        await Assert.ThrowsAsync<AmpValidationException>(() => AmpReplay.FromFilesAsync([path + ".missing"], cancellationToken: Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<string> RecordAsync(AmpOptions options, string prompt)
    {
        string transcript = Path.Combine(_home.Root, $"{Guid.NewGuid():N}.ndjson");
        await AmpClient.RunAsync(prompt, new AmpReplay([new AmpMock { Text = "done" }]).Of(options with { TranscriptPath = transcript }), Token);
        return transcript;
    }

    private static async Task<AmpValidationException> RefusedAsync(string prompt, AmpOptions options)
    {
        AmpValidationException refused = await Assert.ThrowsAsync<AmpValidationException>(() => AmpClient.RunAsync(prompt, options, Token));
        Assert.Equal(AmpErrorId.ReplayMismatch, refused.ErrorId);
        return refused;
    }

    private static async Task<string> TurnAsync(AmpSession session, string text)
    {
        string answer = string.Empty;
        await foreach (StreamMessage message in session.SendAsync(text, Token))
        {
            answer = message is AssistantMessage ? message.Text : answer;
        }

        return answer;
    }

    private static async Task<List<StreamMessage>> ReadAsync(IAsyncEnumerable<StreamMessage> run)
    {
        List<StreamMessage> messages = [];
        await foreach (StreamMessage message in run)
        {
            messages.Add(message);
        }

        return messages;
    }

    private static async IAsyncEnumerable<UserInputMessage> Each(IEnumerable<string> texts)
    {
        foreach (string text in texts)
        {
            await Task.Yield();
            yield return new UserInputMessage(text);
        }
    }

    // A replay takes no time, and the lines of a file have none.
    private static string TextOf(StreamMessage message) => TimePattern().Replace(ObjectText.Of(message), string.Empty);

    [GeneratedRegex(@"^ *(?:Time|AskedAt|Duration) = .*$", RegexOptions.Multiline)]
    private static partial Regex TimePattern();
}
