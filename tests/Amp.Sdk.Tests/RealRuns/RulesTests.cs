using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.RealRuns;

/// <summary>What the real CLIs make of permission rules; the model is one in this process, the tools are real.</summary>
public sealed class RulesTests
{
    private const string MakeFile = "./make f";

    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    public static MatrixTheoryData<RealCliBuild, bool> BuildsTwice { get; } = RealRun.BuildsWith(false, true);

    // The words of a program that rejects come through on the builds that start it themselves as the tool's own failure would.
    public static MatrixTheoryData<RealCliBuild, string> BuildsAndWords { get; } = RealRun.BuildsWith(
        "", "Tool execution rejected by user: not on a Friday", "not on a Friday");

    // Not on January's: there such a run ends at times and waits for ever at others, which a warning says, below.
    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.May2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task What_no_rule_names_is_asked_and_so_denied(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        ResultMessage result = await run.ResultAsync(run.Command(MakeFile));
        Assert.Equal(ResultOutcome.Denied, result.Outcome);
        Assert.Equal(build == RealCliBuild.September2026, result is not ErrorResultMessage);
        Assert.False(run.Made("f"));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_run_that_may_wait_for_ever_is_warned_of(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        AmpOptions open = run.Options with { Timeout = null };
        Assert.Equal(build == RealCliBuild.January2026, await IsWarnedAsync(open));
        Assert.False(await IsWarnedAsync(run.Options));
        Assert.False(await IsWarnedAsync(open with { IdleTimeout = TimeSpan.FromMinutes(1) }));
        Assert.False(await IsWarnedAsync(open with { DangerouslyAllowAll = true }));
        Assert.False(await IsWarnedAsync(open with { Permissions = [new AmpPermission("*", PermissionAction.Reject)] }));

        async Task<bool> IsWarnedAsync(AmpOptions options) => (await AmpClient.PlanAsync(MakeFile, options, TestContext.Current.CancellationToken)).Warnings
            .Any(warning => warning.Contains("wait forever", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_a_rule_allows_runs(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        run.Options = run.Options with
        {
            Permissions = [run.Rule(PermissionAction.Allow, "./make *"), run.Rule(PermissionAction.Allow, "/^sh make [a-z]$/")],
        };
        ResultMessage result = await run.ResultAsync(run.Command(MakeFile) + run.Command("sh make g"));
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
        Assert.Equal((true, true), (run.Made("f"), run.Made("g")));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_a_rule_rejects_does_not_run(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        run.Options = run.Options with
        {
            Permissions =
            [
                run.Rule(PermissionAction.Reject, "*make a"),
                run.Rule(PermissionAction.Reject, "/ma[k]e\\sb/"),
                run.Rule(PermissionAction.Reject, new[] { "ls", "./make c" }),
                run.Rule(PermissionAction.Reject, "*make d", message: "Use the other tool."),
                new AmpPermission("*", PermissionAction.Allow),
            ],
        };
        ResultMessage result = await run.ResultAsync(string.Concat("abcde".Select(name => run.Command($"./make {name}"))));
        Assert.Equal("e", string.Concat("abcde".Where(name => run.Made(name.ToString()))));
        Assert.Equal(ResultOutcome.Denied, result.Outcome);
        Assert.Equal(4, result.Denials.Count);
        Assert.All(result.Denials, denial => Assert.Equal(run.ShellTool, denial.Tool));
        Assert.Single(result.Denials, denial => denial.Reason?.EndsWith("Use the other tool.", StringComparison.Ordinal) == true);
        Assert.Contains(run.Service.Requests, request => request.RawJson.Contains("Use the other tool.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(BuildsTwice))]
    public async Task A_program_decides(RealCliBuild build, bool runs)
    {
        await using RealRun run = await StartAsync(build);
        string program = run.Script(
            "with space/decide", $"cat > '{run.Home}/input'; echo \"$AGENT_TOOL_NAME\" > '{run.Home}/tool'; exit {(runs ? 0 : 2)}\n");
        run.Options = run.Options with { Permissions = [run.Rule(PermissionAction.Delegate, to: program)] };
        ResultMessage result = await run.ResultAsync(run.Command(MakeFile));
        Assert.Equal(runs, run.Made("f"));
        Assert.Equal(runs ? ResultOutcome.Succeeded : ResultOutcome.Denied, result.Outcome);
        Assert.Contains(MakeFile, await File.ReadAllTextAsync(Path.Combine(run.Home, "input"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(run.ShellTool + "\n", await File.ReadAllTextAsync(Path.Combine(run.Home, "tool"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(BuildsAndWords))]
    public async Task What_a_program_says_when_it_rejects_tells_a_denial_by_its_first_words(RealCliBuild build, string said)
    {
        await using RealRun run = await StartAsync(build);
        string program = run.Script("decide", $"cat > /dev/null; printf '{said}' >&2; exit 2\n");
        run.Options = run.Options with { Permissions = [run.Rule(PermissionAction.Delegate, to: program)] };
        ResultMessage result = await run.ResultAsync(run.Command(MakeFile));
        Assert.False(run.Made("f"));
        Assert.Contains(said, run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);

        // The native build marks it as a denial whatever the program says.
        Assert.Equal(
            said.StartsWith("not", StringComparison.Ordinal) && build != RealCliBuild.September2026 ? ResultOutcome.Succeeded : ResultOutcome.Denied, result.Outcome);
    }

    [Theory]
    [MemberData(nameof(BuildsTwice))]
    public async Task What_the_user_rejects_stays_rejected(RealCliBuild build, bool allowAll)
    {
        await using RealRun run = await StartAsync(build);
        string own = $$"""{ "amp.permissions": [ { "tool": "{{run.ShellTool}}", "action": "reject", "matches": { "{{run.CommandField}}": "*make*" } }, ], }""";
        SettingsRun.Write(run.UserFile, own);
        run.Options = allowAll
            ? run.Options with { DangerouslyAllowAll = true }
            : run.Options with { Permissions = [new AmpPermission("*", PermissionAction.Allow)] };
        ResultMessage result = await run.ResultAsync(run.Command(MakeFile));
        Assert.False(run.Made("f"));
        Assert.Equal(ResultOutcome.Denied, result.Outcome);
        Assert.Equal(own, await File.ReadAllTextAsync(run.UserFile, TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_is_allowed_altogether_keeps_the_rejects_of_call_and_workspace(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        SettingsRun.Write(
            Path.Combine(run.Project, ".amp", "settings.json"),
            $$$"""{"amp.permissions":[{"tool":"{{{run.ShellTool}}}","action":"reject","matches":{"{{{run.CommandField}}}":"*workspace*"}}]}""");
        run.Options = run.Options with { Permissions = [run.Rule(PermissionAction.Reject, "*call*")], DangerouslyAllowAll = true };
        ResultMessage result = await run.ResultAsync(run.Command("./make call") + " " + run.Command("./make workspace") + " " + run.Command(MakeFile));
        Assert.Equal((false, false, true), (run.Made("call"), run.Made("workspace"), run.Made("f")));
        Assert.Equal(2, result.Denials.Count);
        Assert.Equal(3, result.ToolUseCount);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_the_call_rejects_stays_rejected_though_the_users_settings_allow_all(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        SettingsRun.Write(run.UserFile, """{"amp.dangerouslyAllowAll":true}""");
        run.Options = run.Options with { Permissions = [run.Rule(PermissionAction.Reject, "rm *")] };
        ResultMessage result = await run.ResultAsync(run.Command("rm -rf make") + run.Command("touch made"));
        Assert.Equal(ResultOutcome.Denied, result.Outcome);
        Assert.Equal((true, true), (run.Made("make"), run.Made("made")));
    }

    [Theory]
    [MemberData(nameof(BuildsTwice))]
    public async Task What_user_and_workspace_reject_with_a_message_is_a_denial_too(RealCliBuild build, bool merged)
    {
        await using RealRun run = await StartAsync(build);
        if (merged)
        {
            run.Options = run.Options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)] };
        }

        SettingsRun.Write(
            run.UserFile,
            $$$"""{"amp.permissions":[{"tool":"{{{run.ShellTool[0]}}}*","action":"reject","message":"Not here, says the user.","matches":{"{{{run.CommandField}}}":"*user*"}}]}""");
        SettingsRun.Write(
            Path.Combine(run.Project, ".amp", "settings.json"),
            $$$"""{"amp.permissions":[{"tool":"{{{run.ShellTool}}}","action":"reject","message":"Not in this project.\n","matches":{"{{{run.CommandField}}}":"*workspace*"}}]}""");
        run.Options = run.Options with { FailOnDenial = true };
        RunOutcome outcome = await run.RunAsync(run.Command("./make user") + " " + run.Command("./make workspace"));
        outcome.Failed<AmpAgentException>(AmpErrorId.AgentError);
        Assert.Equal(2, outcome.Result!.Denials.Count);
        Assert.Contains(outcome.Result.Denials, denial => denial.Reason!.Contains("Not here, says the user.", StringComparison.Ordinal));
        Assert.Contains(outcome.Result.Denials, denial => denial.Reason!.Contains("Not in this project.", StringComparison.Ordinal));
        Assert.Equal((false, false), (run.Made("user"), run.Made("workspace")));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_command_that_fails_with_the_message_of_a_rule_for_other_tools_or_the_words_of_a_denial_was_not_denied(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        run.Options = run.Options with
        {
            Permissions = [new AmpPermission("Read", PermissionAction.Reject, message: "No."), new AmpPermission("*", PermissionAction.Allow)],
        };
        ResultMessage result = await run.ResultAsync(
            run.Command("printf No.; exit 1") + run.Command("echo Tool execution rejected by user; exit 1") + run.Command("echo Tool rejected by plugin: no; exit 1"));
        Assert.Equal(3, result.ToolUseCount);
        Assert.Empty(result.Denials);
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_a_tool_writes_is_told(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        run.Options = run.Options with { Permissions = [new AmpPermission("create_file", PermissionAction.Allow)] };
        string path = Path.Combine(run.Project, "new.txt");
        ResultMessage result = await run.ResultAsync(RealRun.Call("create_file", $$"""{"path":"{{path}}","content":"hi"}"""));
        Assert.Equal([path], result.FilesTouched);
        Assert.True(run.Made("new.txt"));
    }

    // A program of the project's own, which no built-in rule knows.
    private static async Task<RealRun> StartAsync(RealCliBuild build)
    {
        RealRun run = await RealRun.StartAsync(build);
        run.Script("project/make", "echo made > \"$1\"\n");
        return run;
    }
}
