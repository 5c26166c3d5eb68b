using Amp.Plans;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Services;
using Amp.Testing;

namespace Amp.Sdk.Tests.Approval;

/// <summary>The real CLIs ask; the model is one in this process, the tools are real.</summary>
public sealed class RunTests
{
    private const string MakeFile = "./make f";

    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_is_allowed_runs_and_what_is_not_does_not(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(
            build,
            request => request.InputJson.Contains("make f", StringComparison.Ordinal) ? ApprovalDecision.Allow : ApprovalDecision.Reject("Use the other tool."));
        RunOutcome outcome = await run.RunAsync($"{run.Command(MakeFile)} {run.Command("./make g")}");
        ResultMessage result = Assert.IsType<ResultMessage>(outcome.Result);
        Assert.Equal((true, false), (run.Made("f"), run.Made("g")));
        Assert.Equal(ResultOutcome.Denied, result.Outcome);
        Assert.Equal(run.ShellTool, result.Denials[0].Tool);
        Assert.Contains("Use the other tool.", result.Denials[0].Reason, StringComparison.Ordinal);
        Assert.Contains("Use the other tool.", run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);
        Assert.Equal([(true, null), (false, "Use the other tool.")], result.Approvals.OrderByDescending(one => one.IsAllowed).Select(one => (one.IsAllowed, one.Reason)));
        Assert.All(result.Approvals, one =>
        {
            Assert.Equal((run.ShellTool, result.SessionId), (one.ToolName, one.ThreadId));
            Assert.Contains(outcome.Messages.OfType<AssistantMessage>().SelectMany(message => message.ToolUse), use => use.Id == one.ToolUseId);
        });
        Assert.Equal(2, outcome.Events.Count(item => item.Kind == AmpEventKind.Approval));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Reading_needs_no_question_and_built_in_rules_answer_none(RealCliBuild build)
    {
        List<string> asked = [];
        await using RealRun run = await StartAsync(build, request =>
        {
            lock (asked)
            {
                asked.Add(request.ToolName);
            }

            return ApprovalDecision.Reject();
        });
        string file = Path.Combine(run.Project, "make");
        string fresh = Path.Combine(run.Project, "new.txt");
        ResultMessage result = await run.ResultAsync(string.Join(' ',
            RealRun.Call("Read", $$"""{"path":"{{file}}"}"""),
            RealRun.Call("create_file", $$"""{"path":"{{fresh}}","content":"x"}"""),
            run.Command("ls")));
        Assert.Equal([.. new[] { run.ShellTool, "create_file" }.Order(StringComparer.Ordinal)], asked.Order(StringComparer.Ordinal));
        Assert.False(run.Made("new.txt"));
        Assert.Equal(2, result.Denials.Count);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Rules_of_call_and_user_go_before_the_question_and_ask_means_to_ask(RealCliBuild build)
    {
        List<string> asked = [];
        await using RealRun run = await StartAsync(build, request =>
        {
            lock (asked)
            {
                asked.Add(request.InputJson.Contains("path", StringComparison.Ordinal) ? "Read" : request.InputJson.Split("make ")[1][..1]);
            }

            return ApprovalDecision.Allow;
        });
        SettingsRun.Write(run.UserFile, """
            { "amp.dangerouslyAllowAll": true, "amp.permissions": [
                { "tool": "SHELL", "action": "reject", "matches": { "FIELD": "*make r" } },
                { "tool": "SHELL", "action": "ask", "matches": { "FIELD": "*make u" } },
                { "tool": "SHELL", "action": "allow", "matches": { "FIELD": "*make [a-u]" } },
                { "tool": "SHELL", "action": "allow", "matches": { "FIELD": "/make [b-u]$/" } } ] }
            """.Replace("SHELL", run.ShellTool, StringComparison.Ordinal).Replace("FIELD", run.CommandField, StringComparison.Ordinal));
        run.Options = run.Options with
        {
            Permissions =
            [
                run.Rule(PermissionAction.Allow, "*make a"),
                run.Rule(PermissionAction.Ask, "*make c"),
                new AmpPermission("Read", PermissionAction.Ask),
            ],
        };
        string calls = string.Join(' ', "abcruz".Select(name => run.Command($"./make {name}")))
            + RealRun.Call("Read", $$"""{"path":"{{run.Project}}/make"}""");
        ResultMessage result = await run.ResultAsync(calls);
        Assert.Equal(["Read", "c", "u", "z"], asked.Order(StringComparer.Ordinal));
        Assert.Equal("abcuz", string.Concat("abcruz".Where(name => run.Made(name.ToString()))));
        Assert.Single(result.Denials);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_project_that_lets_everything_through_is_refused_and_one_that_decides_is_named(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build, _ => ApprovalDecision.Reject());
        string file = Path.Combine(run.Project, ".amp", "settings.json");
        SettingsRun.Write(file, """{ "amp.dangerouslyAllowAll": true }""");
        AmpValidationException refused = (await run.RunAsync(run.Command(MakeFile))).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
        Assert.Equal((nameof(AmpOptions.Approval), file), (refused.OptionName, refused.Value));

        SettingsRun.Write(file, """{ "amp.permissions": [{ "tool": "create_file", "action": "allow" }, { "tool": "SHELL", "action": "reject", "matches": { "FIELD": "*never*" } }] }""".Replace("SHELL", run.ShellTool, StringComparison.Ordinal).Replace("FIELD", run.CommandField, StringComparison.Ordinal));
        RunOutcome outcome = await run.RunAsync(run.Command(MakeFile));
        string warning = Assert.Single(outcome.Texts(AmpEventKind.Warning));
        Assert.Contains("create_file.", warning, StringComparison.Ordinal);
        Assert.Contains(file, warning, StringComparison.Ordinal);
        Assert.False(run.Made("f"));
    }

    // A CLI may leave out the result of a call that ends after others: this must not look like a run without denials.
    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_no_that_comes_after_other_results_is_a_denial(RealCliBuild build)
    {
        string made = string.Empty;
        await using RealRun run = await StartAsync(build, null);
        run.Options = run.Options with
        {
            Approval = async (request, _) =>
            {
                if (request.InputJson.Contains("make first", StringComparison.Ordinal))
                {
                    return ApprovalDecision.Allow;
                }

                await FakeRun.WaitForAsync(() => File.Exists(made), "the first call");
                await Task.Delay(300, CancellationToken.None);
                return ApprovalDecision.Reject("too late");
            },
        };
        made = Path.Combine(run.Project, "first");
        ResultMessage result = await run.ResultAsync($"{run.Command("./make first")} {run.Command("./make second")}");
        Assert.False(run.Made("second"));
        Assert.Equal([true, false], result.Approvals.Select(one => one.IsAllowed));
        ToolDenial denial = Assert.Single(result.Denials);
        Assert.Equal((run.ShellTool, result.Approvals[1].ToolUseId, ResultOutcome.Denied), (denial.Tool, denial.ToolUseId, result.Outcome));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Twenty_calls_in_a_row_and_two_runs_at_once_each_have_their_own_answers(RealCliBuild build)
    {
        int asked = 0;
        await using RealRun yes = await StartAsync(build, _ =>
        {
            Interlocked.Increment(ref asked);
            return ApprovalDecision.Allow;
        });
        await using RealRun no = await StartAsync(build, _ => ApprovalDecision.Reject("never"));
        string calls = string.Join(' ', Enumerable.Range(0, 20).Select(i => yes.Command($"./make f{i}")));
        ResultMessage[] results = await Task.WhenAll(yes.ResultAsync(calls), no.ResultAsync(calls));
        Assert.Equal(20, asked);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal((true, false), (yes.Made($"f{i}"), no.Made($"f{i}"))));
        Assert.Equal((20, 20), (results[0].Approvals.Count(one => one.IsAllowed), results[1].Approvals.Count(one => !one.IsAllowed)));
        Assert.Equal((0, 20), (results[0].Denials.Count, results[1].Denials.Count));
        Assert.Equal(20, results[0].Approvals.Select(one => one.ToolUseId).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_program_that_is_killed_while_it_asks_is_a_no_and_the_run_goes_on(RealCliBuild build)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The program is looked for in /proc.");
        await using RealRun run = await StartAsync(build, null);
        run.Options = run.Options with
        {
            Approval = async (_, gone) =>
            {
                foreach (int program in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out int _)).Select(name => int.Parse(name!, null)).Where(IsProgramOf(run)))
                {
                    UnixSignal.SendKill(program);
                }

                await Task.Delay(Timeout.Infinite, gone).ContinueWith(_ => { }, TaskScheduler.Default);
                return ApprovalDecision.Allow;
            },
        };
        ResultMessage result = await run.ResultAsync(run.Command(MakeFile));
        Assert.False(run.Made("f"));
        Assert.Equal(ResultOutcome.Denied, result.Outcome);
        Assert.False(Assert.Single(result.Approvals).IsAllowed);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_secret_stays_out_of_the_record(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build, _ => ApprovalDecision.Reject("not with sgamp_user_canary"));
        RunOutcome outcome = await run.RunAsync(run.Command("./make sgamp_user_canary"));
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        ToolApproval decision = Assert.Single(outcome.Result!.Approvals);
        Assert.DoesNotContain("canary", decision.ToString(), StringComparison.Ordinal);
        Assert.Contains("./make ***", decision.Input, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_run_that_is_cancelled_while_somebody_thinks_ends(RealCliBuild build)
    {
        using CancellationTokenSource cancel = new();
        TaskCompletionSource gone = new();
        await using RealRun run = await StartAsync(build, null);
        run.Options = run.Options with
        {
            Approval = (_, token) =>
            {
                token.Register(gone.SetResult);
                cancel.CancelAfter(10);
                return new TaskCompletionSource<ApprovalDecision>().Task;
            },
        };
        RunOutcome outcome = await RunOutcome.OfAsync(AmpClient.PlanAsync(run.Command(MakeFile), run.Options, TestContext.Current.CancellationToken), run.Command(MakeFile), cancel.Token).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.IsType<AmpCanceledException>(outcome.Error);
        await gone.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.False(run.Made("f"));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_channel_that_is_broken_is_a_no_and_the_run_goes_on(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build, _ => ApprovalDecision.Allow);
        AmpCli cli = await AmpClient.GetCliAsync(run.Options, TestContext.Current.CancellationToken);
        RunPlan plan = RunPlan.Of(RunInput.Of(run.Command(MakeFile)), run.Options, cli, [new BrokenService(new ApprovalService(run.Options))]);
        RunOutcome outcome = await RunOutcome.OfAsync(Task.FromResult(plan), run.Command(MakeFile), TestContext.Current.CancellationToken);
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        Assert.Equal(ResultOutcome.Denied, outcome.Result!.Outcome);
        Assert.False(run.Made("f"));
    }

    [Fact]
    public void With_everything_allowed_nobody_can_be_asked()
    {
        AmpValidationException refused = Assert.Throws<AmpValidationException>(() => AmpClient.Preview(
            "x", new AmpOptions { DangerouslyAllowAll = true, Approval = ApprovalBench.Always(ApprovalDecision.Allow) }));
        Assert.Equal((nameof(AmpOptions.Approval), AmpErrorId.InvalidOption), (refused.OptionName, refused.ErrorId));
    }

    // Closes the channel before anybody could ask.
    private sealed class BrokenService(IRunService service) : IRunService
    {
        public RunContribution Planned => service.Planned;

        public async ValueTask<OpenRunService> OpenAsync(RunFolder folder, CancellationToken cancellationToken)
        {
            OpenRunService open = await service.OpenAsync(folder, cancellationToken);
            await open.Lifetime.DisposeAsync();
            return open;
        }
    }

    private static Func<int, bool> IsProgramOf(RealRun run) => process =>
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Contains("approve.", StringComparison.Ordinal)
                && new DirectoryInfo($"/proc/{process}/cwd").LinkTarget == run.Project;
        }
        catch (IOException)
        {
            return false;
        }
    };

    private static async Task<RealRun> StartAsync(RealCliBuild build, Func<ApprovalRequest, ApprovalDecision>? decide)
    {
        RealRun run = await RealRun.StartAsync(build);
        run.Script("project/make", "echo made > \"$1\"\n");
        run.Options = run.Options with { Approval = decide is null ? null : (request, _) => Task.FromResult(decide(request)) };
        return run;
    }
}
