using System.Collections;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.RealRuns;

/// <summary>What the real CLI makes of permission rules; the model is one in this process, the tools are real.</summary>
public sealed class RulesTests
{
    private static readonly string s_writeFile = RealRun.Shell("./make f");

    [Fact]
    public async Task What_no_rule_names_is_asked_and_so_denied()
    {
        await using RealRun run = await StartAsync();
        ResultMessage result = await run.ResultAsync(s_writeFile);
        Assert.Equal(AmpRunOutcome.Denied, Assert.IsType<ErrorResultMessage>(result).Outcome);
        Assert.False(run.Made("f"));
    }

    [Theory]
    [InlineData("./make *")]
    [InlineData("/^\\.\\/make [a-z]$/")]
    public async Task What_a_rule_allows_runs(string pattern)
    {
        await using RealRun run = await StartAsync(new Permission("Bash", PermissionAction.Allow, Cmd(pattern)));
        ResultMessage result = await run.ResultAsync(s_writeFile);
        Assert.Equal(AmpRunOutcome.Succeeded, result.Outcome);
        Assert.True(run.Made("f"));
    }

    [Theory]
    [InlineData("glob")]
    [InlineData("regular expression")]
    [InlineData("list")]
    [InlineData("message")]
    public async Task What_a_rule_rejects_does_not_run(string kind)
    {
        IDictionary matches = Cmd(kind switch { "glob" => "*make*", "list" => new[] { "ls", "./make f" }, _ => "/ma[k]e\\s/" });
        await using RealRun run = await StartAsync(
            new Permission("Bash", PermissionAction.Reject, matches, message: kind == "message" ? "Use the other tool." : null),
            new Permission("*", PermissionAction.Allow));
        ResultMessage result = await run.ResultAsync(s_writeFile);
        Assert.False(run.Made("f"));
        Assert.Equal(AmpRunOutcome.Denied, result.Outcome);
        ToolDenial denial = Assert.Single(result.Denials);
        Assert.Equal("Bash", denial.Tool);
        Assert.Equal(kind == "message", denial.Reason == "Use the other tool.");
        Assert.Equal(kind == "message", run.Service.Requests[^1].LastToolResult!.Contains("Use the other tool.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(2, false)]
    public async Task A_program_decides(int exitCode, bool runs)
    {
        await using RealRun run = await StartAsync();
        string program = run.Script("with space/decide", $"cat > '{run.Home}/input'; echo \"$AGENT_TOOL_NAME\" > '{run.Home}/tool'; exit {exitCode}\n");
        run.Options = run.Options with { Permissions = [new Permission("Bash", PermissionAction.Delegate, to: program)] };
        ResultMessage result = await run.ResultAsync(s_writeFile);
        Assert.Equal(runs, run.Made("f"));
        Assert.Equal(runs ? AmpRunOutcome.Succeeded : AmpRunOutcome.Denied, result.Outcome);
        Assert.Contains("./make f", await File.ReadAllTextAsync(Path.Combine(run.Home, "input"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("Bash\n", await File.ReadAllTextAsync(Path.Combine(run.Home, "tool"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("", AmpRunOutcome.Denied)]
    [InlineData("Tool execution rejected by user: not on a Friday", AmpRunOutcome.Denied)]
    [InlineData("not on a Friday", AmpRunOutcome.Succeeded)]
    public async Task What_a_program_says_when_it_rejects_tells_a_denial_by_its_first_words(string said, AmpRunOutcome outcome)
    {
        await using RealRun run = await StartAsync();
        string program = run.Script("decide", $"cat > /dev/null; printf '{said}' >&2; exit 2\n");
        run.Options = run.Options with { Permissions = [new Permission("Bash", PermissionAction.Delegate, to: program)] };
        ResultMessage result = await run.ResultAsync(s_writeFile);
        Assert.False(run.Made("f"));
        Assert.Contains(said, run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);
        Assert.Equal(outcome, result.Outcome);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_user_rejects_stays_rejected(bool allowAll)
    {
        await using RealRun run = await StartAsync();
        const string Own = """{ "amp.permissions": [ { "tool": "Bash", "action": "reject", "matches": { "cmd": "*make*" } }, ], }""";
        SettingsRun.Write(run.UserFile, Own);
        run.Options = allowAll
            ? run.Options with { DangerouslyAllowAll = true }
            : run.Options with { Permissions = [new Permission("*", PermissionAction.Allow)] };
        ResultMessage result = await run.ResultAsync(s_writeFile);
        Assert.False(run.Made("f"));
        Assert.Equal(AmpRunOutcome.Denied, result.Outcome);
        Assert.Equal(Own, await File.ReadAllTextAsync(run.UserFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_allowed_altogether_keeps_the_rejects_of_call_and_workspace()
    {
        await using RealRun run = await StartAsync(new Permission("Bash", PermissionAction.Reject, Cmd("*call*")));
        SettingsRun.Write(
            Path.Combine(run.Project, ".amp", "settings.json"),
            """{"amp.permissions":[{"tool":"Bash","action":"reject","matches":{"cmd":"*workspace*"}}]}""");
        run.Options = run.Options with { DangerouslyAllowAll = true };
        string prompt = RealRun.Shell("./make call") + " " + RealRun.Shell("./make workspace") + " " + RealRun.Shell("./make f");
        ResultMessage result = await run.ResultAsync(prompt);
        Assert.Equal((false, false, true), (run.Made("call"), run.Made("workspace"), run.Made("f")));
        Assert.Equal(2, result.Denials.Count);
        Assert.Equal(3, result.ToolUseCount);
    }

    [Fact]
    public async Task What_the_call_rejects_stays_rejected_though_the_users_settings_allow_all()
    {
        await using RealRun run = await RealRun.StartAsync();
        SettingsRun.Write(run.UserFile, """{"amp.dangerouslyAllowAll":true}""");
        run.Options = run.Options with
        {
            Permissions = [new Permission("Bash", PermissionAction.Reject, new Dictionary<string, object?> { ["cmd"] = "rm *" })],
        };

        ResultMessage rejected = await run.ResultAsync(RealRun.Shell("rm -rf made"));
        await run.ResultAsync(RealRun.Shell("touch made"));

        Assert.Equal(AmpRunOutcome.Denied, rejected.Outcome);
        Assert.True(run.Made("made"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_user_and_workspace_reject_with_a_message_is_a_denial_too(bool merged)
    {
        await using RealRun run = await StartAsync();
        if (merged)
        {
            run.Options = run.Options with { Permissions = [new Permission("Read", PermissionAction.Allow)] };
        }

        SettingsRun.Write(run.UserFile, """{"amp.permissions":[{"tool":"B*","action":"reject","message":"Not here, says the user.","matches":{"cmd":"*user*"}}]}""");
        SettingsRun.Write(
            Path.Combine(run.Project, ".amp", "settings.json"),
            """{"amp.permissions":[{"tool":"Bash","action":"reject","message":"Not in this project.\n","matches":{"cmd":"*workspace*"}}]}""");
        run.Options = run.Options with { FailOnDenial = true };
        RunOutcome outcome = await run.RunAsync(RealRun.Shell("./make user") + " " + RealRun.Shell("./make workspace"));
        outcome.Failed<AmpAgentException>(AmpErrorId.AgentError);
        Assert.Equal(
            ["Not here, says the user.", "Not in this project.\n"],
            outcome.Result!.Denials.Select(denial => denial.Reason).Order(StringComparer.Ordinal));
        Assert.Equal((false, false), (run.Made("user"), run.Made("workspace")));
    }

    [Fact]
    public async Task A_command_that_fails_with_the_message_of_a_rule_for_other_tools_was_not_denied()
    {
        await using RealRun run = await StartAsync(
            new Permission("Read", PermissionAction.Reject, message: "No."),
            new Permission("*", PermissionAction.Allow));
        ResultMessage result = await run.ResultAsync(RealRun.Shell("printf No.; exit 1"));
        Assert.Empty(result.Denials);
        Assert.Equal(AmpRunOutcome.Succeeded, result.Outcome);
    }

    [Fact]
    public async Task What_a_tool_writes_is_told()
    {
        await using RealRun run = await StartAsync(new Permission("create_file", PermissionAction.Allow));
        string path = Path.Combine(run.Project, "new.txt");
        ResultMessage result = await run.ResultAsync(RealRun.Call("create_file", $$"""{"path":"{{path}}","content":"hi"}"""));
        Assert.Equal([path], result.FilesTouched);
        Assert.True(run.Made("new.txt"));
    }

    [Fact]
    public async Task A_command_that_prints_the_words_of_a_denial_was_not_denied()
    {
        await using RealRun run = await StartAsync(new Permission("Bash", PermissionAction.Allow));
        ResultMessage result = await run.ResultAsync(RealRun.Shell("echo Tool execution rejected by user; exit 1"));
        Assert.Empty(result.Denials);
        Assert.Equal(AmpRunOutcome.Succeeded, result.Outcome);
    }

    private static Hashtable Cmd(object pattern) => new() { ["cmd"] = pattern };

    // A program of the project's own, which no built-in rule knows.
    private static async Task<RealRun> StartAsync(params Permission[] rules)
    {
        RealRun run = await RealRun.StartAsync();
        run.Script("project/make", "echo made > \"$1\"\n");
        run.Options = run.Options with { Permissions = rules };
        return run;
    }
}
