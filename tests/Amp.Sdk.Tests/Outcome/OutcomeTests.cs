using System.Text.Json;
using Amp.Permissions;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Outcome;

public sealed class OutcomeTests
{
    private const string Success = """{"type":"result","subtype":"success","is_error":false,"result":"done","num_turns":0,"session_id":"T-1"}""";

    [Theory]
    [InlineData("text", ResultOutcome.Succeeded)]
    [InlineData("tool-bash", ResultOutcome.Succeeded)]
    [InlineData("tool-error", ResultOutcome.Succeeded)]
    [InlineData("mcp", ResultOutcome.Succeeded)]
    [InlineData("multi-turn", ResultOutcome.Succeeded)]
    [InlineData("rejected", ResultOutcome.Denied)]
    [InlineData("approval-needed", ResultOutcome.Denied)]
    [InlineData("bad-input", ResultOutcome.Failed)]
    public async Task A_recorded_run_of_the_real_CLI_has_its_outcome(string transcript, ResultOutcome outcome)
    {
        using FakeRun run = new(new FakeCliScript().Read().Transcript(transcript));
        Assert.Equal(outcome, (await run.RunAsync()).Result!.Outcome);
    }

    [Fact]
    public async Task A_rejected_tool_is_named_with_the_reason()
    {
        using FakeRun run = new(new FakeCliScript().Read().Transcript("rejected"));
        ResultMessage result = await run.ResultAsync();
        ToolDenial denial = Assert.Single(result.Denials);
        Assert.Equal("Bash", denial.Tool);
        Assert.Contains("rejected by user", denial.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((1, false), (result.ToolUseCount, result.IsError));
    }

    [Fact]
    public async Task A_denial_can_be_made_an_error()
    {
        using FakeRun run = new(new FakeCliScript().Read().Transcript("rejected"));
        run.Options = run.Options with { FailOnDenial = true };
        RunOutcome outcome = await run.RunAsync();
        AmpAgentException error = outcome.Failed<AmpAgentException>(AmpErrorId.AgentError);
        Assert.Contains("Bash", error.Message, StringComparison.Ordinal);
        Assert.Same(outcome.Result, error.Result);
        Assert.Equal(outcome.Result!.SessionId, error.ThreadId);
    }

    [Theory]
    [InlineData("connected", false)]
    [InlineData("connecting", false)]
    [InlineData("reconnecting", true)]
    [InlineData("authenticating", true)]
    [InlineData("awaiting-approval", true)]
    [InlineData("denied", true)]
    [InlineData("failed", true)]
    [InlineData("blocked-by-registry", true)]
    public async Task A_server_of_the_call_whose_tools_are_missing_is_told_once(string status, bool isTold)
    {
        const string Init = """
            {"type":"system","subtype":"init","cwd":"/","session_id":"${SESSION}","tools":[],"mcp_servers":[{"name":"jira","status":"STATUS"},{"name":"sdk","status":"STATUS"},{"name":"of-the-user","status":"failed"}]}
            """;
        string line = Init.Replace("STATUS", status, StringComparison.Ordinal);
        using FakeRun run = new(new FakeCliScript().Read().Out(line).Out(line).Assistant("done").Result("done"));
        run.Options = run.Options with
        {
            McpServers = [new McpStdioServer("jira", "jira-mcp"), new McpStdioServer("of-the-user", "x", disabled: true)],
            Tools = [new AmpTool("Add", "Adds.", """{"type":"object"}""", (_, _) => Task.FromResult(new ToolResult("x")))],
        };
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        IReadOnlyList<string> warnings = outcome.Texts(AmpEventKind.Warning);
        Assert.All((string[])["'jira'", "'sdk'"], name => Assert.Equal(isTold ? 1 : 0, warnings.Count(warning => warning.Contains(name, StringComparison.Ordinal))));
        Assert.DoesNotContain(warnings, warning => warning.Contains("of-the-user", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_missing_server_is_told_once_for_all_tries(bool hasBegun)
    {
        const string Init = """
            {"type":"system","subtype":"init","cwd":"/","session_id":"${SESSION}","tools":[],"mcp_servers":[{"name":"jira","status":"failed"}]}
            """;
        const string Busy = "429 Too many requests, try again in 1 ms";
        using FakeRun run = new(new FakeCliScript()
            .OnStart(1, steps => _ = hasBegun ? steps.Out(Init).Read().ErrorResult(Busy) : steps.Error($"Error: {Busy}").Exit(1))
            .OnStart(2, steps => steps.Out(Init).Read().Assistant("done").Result("done")));
        run.Options = run.Options with { McpServers = [new McpStdioServer("jira", "jira-mcp")], RetryLimit = 1 };
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Single(outcome.Result!.Retries);
        Assert.Single(outcome.Texts(AmpEventKind.Warning), warning => warning.Contains("'jira'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("tool-error")]
    public async Task Without_a_denial_nothing_is_made_an_error(string transcript)
    {
        using FakeRun run = new(new FakeCliScript().Read().Transcript(transcript));
        run.Options = run.Options with { FailOnDenial = true };
        Assert.Null((await run.RunAsync()).Error);
    }

    [Theory]
    [InlineData("""{"type":"result","subtype":"success","result":"done","permission_denials":[{"tool_name":"Bash"}]}""", ResultOutcome.Denied)]
    [InlineData("""{"type":"result","subtype":"success","result":""}""", ResultOutcome.Empty)]
    [InlineData("""{"type":"result","subtype":"success","result":" \n"}""", ResultOutcome.Empty)]
    [InlineData("""{"type":"result","subtype":"success"}""", ResultOutcome.Empty)]
    [InlineData(Success, ResultOutcome.Succeeded)]
    [InlineData("""{"type":"result","subtype":"error_max_turns","is_error":true,"error":"enough"}""", ResultOutcome.MaxTurns)]
    [InlineData("""{"type":"result","subtype":"error_during_execution","is_error":true,"error":"boom"}""", ResultOutcome.Failed)]
    [InlineData("""{"type":"result","subtype":"error_during_execution","is_error":true,"error":"User cancelled (SIGINT/SIGTERM)"}""", ResultOutcome.Canceled)]
    [InlineData("""{"type":"result","subtype":"error_during_execution","is_error":true,"error":"Unauthorized Check your access token."}""", ResultOutcome.NotAuthenticated)]
    [InlineData("""{"type":"result","subtype":"error_during_execution","is_error":true,"error":"The following tools require user approval, which is not supported in stream JSON mode: Bash"}""", ResultOutcome.Denied)]
    public void A_result_has_its_outcome(string line, ResultOutcome outcome) =>
        Assert.Equal(outcome, RunLines.Of(RunLines.Text("hello"), line).Outcome);

    [Theory]
    [InlineData(Success, ResultOutcome.Succeeded)]
    [InlineData("""{"type":"result","subtype":"success","is_error":false,"result":"","num_turns":0}""", ResultOutcome.Empty)]
    [InlineData("""{"type":"result","subtype":"success","is_error":false,"num_turns":1}""", ResultOutcome.Empty)]
    public void An_answer_in_the_result_is_one_also_where_no_message_came_before_it(string line, ResultOutcome outcome) =>
        Assert.Equal(outcome, RunLines.Of(line).Outcome);

    [Fact]
    public void A_run_that_ends_behind_a_tool_call_is_truncated()
    {
        ResultMessage result = RunLines.Of(RunLines.Text("I begin"), RunLines.Tool("1", "Bash"), Success);
        Assert.Equal((ResultOutcome.Truncated, 1), (result.Outcome, result.ToolUseCount));
    }

    [Theory]
    [InlineData("")]
    [InlineData("T-main")]
    public void A_run_whose_last_tool_has_its_result_is_not_truncated(string parent)
    {
        string parentField = parent.Length == 0 ? "null" : $"\"{parent}\"";
        ResultMessage result = RunLines.Of(
            RunLines.Tool("1", "Task"), RunLines.Tool("2", "Bash", parent: parentField), RunLines.ToolResult("2", "ok"), RunLines.ToolResult("1", "ok"), RunLines.Text("all"), Success);
        Assert.Equal((ResultOutcome.Succeeded, 2), (result.Outcome, result.ToolUseCount));
    }

    [Fact]
    public void What_a_subagent_does_counts_and_what_it_is_denied_too()
    {
        const string Main = "\"1\"";
        ResultMessage result = RunLines.Of(
            RunLines.Tool("1", "Task"),
            RunLines.Tool("2", "Bash", parent: Main),
            RunLines.ToolResult("2", "Tool execution rejected by user: Rejected by user permissions rule 0: reject Bash", isError: true, parent: Main),
            RunLines.Tool("3", "create_file", """{"path":"/p/sub.txt"}""", Main),
            RunLines.ToolResult("3", "ok", parent: Main),
            RunLines.ToolResult("1", "done"),
            RunLines.Text("all"),
            Success);
        Assert.Equal((ResultOutcome.Denied, 3), (result.Outcome, result.ToolUseCount));
        Assert.Equal("Bash", Assert.Single(result.Denials).Tool);
        Assert.Equal(["/p/sub.txt"], result.FilesTouched);
    }

    [Fact]
    public void The_files_are_those_that_tools_wrote_each_once_and_in_order()
    {
        ResultMessage result = RunLines.Of(
            RunLines.Tool("1", "create_file", """{"content":"x","path":"/p/b.txt"}"""),
            RunLines.Tool("2", "edit_file", """{"path":"/p/ä.txt","old_str":"path"}"""),
            RunLines.Tool("3", "edit_file", """{"path":"/p/b.txt"}"""),
            RunLines.Tool("4", "Read", """{"path":"/p/read.txt"}"""),
            RunLines.Tool("5", "edit_file", """{"path":7}"""),
            RunLines.Text("all"),
            Success);
        Assert.Equal(["/p/b.txt", "/p/ä.txt"], result.FilesTouched);
        Assert.Equal(5, result.ToolUseCount);
    }

    [Theory]
    [InlineData("rejected by user", false)]
    [InlineData("No such file", true)]
    public void A_tool_that_says_such_words_or_fails_was_not_denied(string text, bool isError)
    {
        ResultMessage result = RunLines.Of(RunLines.Tool("1", "Bash"), RunLines.ToolResult("1", text, isError), RunLines.Text("all"), Success);
        Assert.Empty(result.Denials);
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
    }

    [Fact]
    public void A_failing_command_that_prints_such_words_was_not_denied()
    {
        ResultMessage result = RunLines.Of(
            RunLines.Tool("1", "Bash"), RunLines.ToolResult("1", "remote: the push was rejected by user hook", isError: true), RunLines.Text("all"), Success);
        Assert.Empty(result.Denials);
    }

    [Theory]
    [InlineData("Bash", "Use the other tool.", true, true)]
    [InlineData("bash", "Use the other tool.", true, true)]
    [InlineData("Bash", "Use the other tool.", false, false)]
    [InlineData("Bash", "use the other tool.", true, false)]
    [InlineData("Bash", "Use the other tool. ", true, false)]
    [InlineData("Read", "Use the other tool.", true, false)]
    [InlineData("mcp__x__y", "Stop.", true, true)]
    [InlineData("Bash", "Stop.", true, false)]
    [InlineData("Bash", "", true, false)]
    [InlineData("Read", "Allowed.", true, false)]
    [InlineData("Write", "Delegated.", true, false)]
    public void What_a_rule_says_when_it_rejects_is_a_denial_and_nothing_like_it(string tool, string text, bool isError, bool denied)
    {
        using JsonDocument settings = JsonDocument.Parse(
            """
            [{"tool":"mcp__*","action":"reject","message":"Stop."},{"tool":"Bash","action":"reject","message":""},
             {"tool":"Read","action":"allow","message":"Allowed."},{"tool":"Write","action":"delegate","to":"/x","message":"Delegated."},
             {"action":"reject","message":"Stop."},{"tool":7,"action":"reject","message":"Stop."},7]
            """);
        RejectMessages messages = new(
            [new AmpPermission("Bash", PermissionAction.Reject, message: "Use the other tool.")], settings.RootElement.EnumerateArray());
        ResultMessage result = RunLines.Of(
            messages, RunLines.Tool("1", tool), RunLines.ToolResult("1", text, isError), RunLines.Text("all"), Success);
        Assert.Equal(denied ? [new ToolDenial(tool, text) { ToolUseId = "1" }] : [], result.Denials);
        Assert.Equal(denied ? ResultOutcome.Denied : ResultOutcome.Succeeded, result.Outcome);
    }

    [Fact]
    public async Task A_cancelled_run_says_so_in_its_last_result()
    {
        using FakeRun run = new(new FakeCliScript().OnSignal("INT", steps => steps.ErrorResult("stopped").Exit(0)).Init().Hang());
        run.Options = run.Options with { CancellationGracePeriod = FakeRun.HangLimit };
        using CancellationTokenSource cancel = new();
        ResultOutcome? outcome = null;
        await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (StreamMessage message in AmpClient.ExecuteAsync("hi", run.Options, cancel.Token))
            {
                outcome = (message as ResultMessage)?.Outcome;
                await cancel.CancelAsync();
            }
        });
        Assert.Equal(ResultOutcome.Canceled, outcome);
    }

    [Fact]
    public async Task A_run_that_took_too_long_says_so_in_its_last_result()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Hang());
        run.Options = run.Options with { Timeout = FakeRun.ShortLimit, CancellationGracePeriod = FakeRun.HangLimit };
        RunOutcome outcome = await run.RunAsync();
        outcome.Failed<AmpTimeoutException>(AmpErrorId.Timeout);
        Assert.Equal(ResultOutcome.TimedOut, outcome.Result!.Outcome);
    }

    [Theory]
    [InlineData(nameof(AmpOptions.ExitGracePeriod))]
    [InlineData(nameof(AmpOptions.Timeout))]
    [InlineData(nameof(AmpOptions.IdleTimeout))]
    public async Task A_denial_is_an_error_also_of_a_run_whose_CLI_had_to_be_stopped_after_its_result(string limit)
    {
        using FakeRun run = new(new FakeCliScript().IgnoreSignals("INT", "TERM").Read().Transcript("rejected").Hang());
        TimeSpan time = FakeRun.ShortLimit;
        run.Options = run.Options with
        {
            FailOnDenial = true,
            CancellationGracePeriod = TimeSpan.FromMilliseconds(100),
            ExitGracePeriod = limit == nameof(AmpOptions.ExitGracePeriod) ? TimeSpan.FromMilliseconds(300) : FakeRun.HangLimit,
            Timeout = limit == nameof(AmpOptions.Timeout) ? time : null,
            IdleTimeout = limit == nameof(AmpOptions.IdleTimeout) ? time : null,
        };
        AmpAgentException error = (await run.RunAsync()).Failed<AmpAgentException>(AmpErrorId.AgentError);
        Assert.Equal("Bash", Assert.Single(error.Result.Denials).Tool);
    }

    [Theory]
    [InlineData(ResultOutcome.Empty)]
    [InlineData(ResultOutcome.Truncated)]
    public async Task A_denial_is_an_error_also_of_a_run_that_ended_without_an_answer(ResultOutcome outcome)
    {
        FakeCliScript script = new FakeCliScript().Init().Read()
            .Out(FakeMessages.ToolUse("Bash", "{}"), FakeMessages.ToolResult("Tool execution rejected by user: no", isError: true));
        script = outcome == ResultOutcome.Empty ? script.Result(" ") : script.Out(FakeMessages.ToolUse("Bash", "{}", "toolu_2")).Result("I will look.");
        using FakeRun run = new(script);
        run.Options = run.Options with { FailOnDenial = true };
        AmpAgentException error = (await run.RunAsync()).Failed<AmpAgentException>(AmpErrorId.AgentError);
        Assert.Equal(outcome, error.Result.Outcome);
        Assert.Equal("Bash", Assert.Single(error.Result.Denials).Tool);
    }

    [Fact]
    public async Task A_key_that_is_not_accepted_is_told_as_such()
    {
        using FakeRun run = new(new FakeCliScript().Read().Init().ErrorResult("Unauthorized Check your access token."));
        AmpAgentException error = await Assert.ThrowsAsync<AmpAgentException>(() => run.ResultAsync());
        Assert.Equal((AmpErrorId.NotAuthenticated, ResultOutcome.NotAuthenticated), (error.ErrorId, error.Result.Outcome));
    }
}
