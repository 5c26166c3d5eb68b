using Amp.Approval;
using Amp.Execution;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Services;
using Amp.Settings;
using Amp.Testing;

namespace Amp.Sdk.Tests.Approval;

/// <summary>The real CLI asks; the model is one in this process, the tools are real.</summary>
public sealed class RunTests
{
    private static readonly string s_writeFile = RealRun.Shell("./make f");

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    public async Task What_is_allowed_runs_and_what_is_not_does_not(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(
            request => request.InputJson.Contains("make f", StringComparison.Ordinal) ? ApprovalDecision.Allow : ApprovalDecision.Reject("Use the other tool."), build);
        RunOutcome outcome = await run.RunAsync($"{s_writeFile} {RealRun.Shell("./make g")}");
        ResultMessage result = Assert.IsType<ResultMessage>(outcome.Result);
        Assert.Equal((true, false), (run.Made("f"), run.Made("g")));
        Assert.Equal(AmpRunOutcome.Denied, result.Outcome);
        Assert.Equal(("Bash", "Tool execution rejected by user: Use the other tool."), (result.Denials[0].Tool, result.Denials[0].Reason));
        Assert.Contains("Use the other tool.", run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);
        Assert.Equal([(true, null), (false, "Use the other tool.")], result.Approvals.OrderByDescending(one => one.IsAllowed).Select(one => (one.IsAllowed, one.Reason)));
        Assert.All(result.Approvals, one =>
        {
            Assert.Equal(("Bash", result.SessionId), (one.ToolName, one.ThreadId));
            Assert.Contains(outcome.Messages.OfType<AssistantMessage>().SelectMany(message => message.ToolUse), use => use.Id == one.ToolUseId);
        });
        Assert.Equal(2, outcome.Events.Count(item => item.Kind == AmpEventKind.Approval));
    }

    [Fact]
    public async Task Reading_needs_no_question_and_built_in_rules_answer_none()
    {
        List<string> asked = [];
        await using RealRun run = await StartAsync(request =>
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
            RealRun.Shell("ls")));
        Assert.Equal(["Bash", "create_file"], asked.Order(StringComparer.Ordinal));
        Assert.False(run.Made("new.txt"));
        Assert.Equal(2, result.Denials.Count);
    }

    [Fact]
    public async Task Rules_of_call_and_user_go_before_the_question_and_ask_means_to_ask()
    {
        List<string> asked = [];
        await using RealRun run = await StartAsync(request =>
        {
            lock (asked)
            {
                asked.Add(request.InputJson.Contains("path", StringComparison.Ordinal) ? "Read" : request.InputJson.Split("make ")[1][..1]);
            }

            return ApprovalDecision.Allow;
        });
        SettingsRun.Write(run.UserFile, """
            { "amp.dangerouslyAllowAll": true, "amp.permissions": [
                { "tool": "Bash", "action": "reject", "matches": { "cmd": "*make r" } },
                { "tool": "Bash", "action": "ask", "matches": { "cmd": "*make u" } },
                { "tool": "Bash", "action": "allow", "matches": { "cmd": "*make [a-u]" } },
                { "tool": "Bash", "action": "allow", "matches": { "cmd": "/make [b-u]$/" } } ] }
            """);
        run.Options = run.Options with
        {
            Permissions =
            [
                new Permission("Bash", PermissionAction.Allow, new System.Collections.Hashtable { ["cmd"] = "*make a" }),
                new Permission("Bash", PermissionAction.Ask, new System.Collections.Hashtable { ["cmd"] = "*make c" }),
                new Permission("Read", PermissionAction.Ask),
            ],
        };
        string calls = string.Join(' ', "abcruz".Select(name => RealRun.Shell($"./make {name}")))
            + RealRun.Call("Read", $$"""{"path":"{{run.Project}}/make"}""");
        ResultMessage result = await run.ResultAsync(calls);
        Assert.Equal(["Read", "c", "u", "z"], asked.Order(StringComparer.Ordinal));
        Assert.Equal("abcuz", string.Concat("abcruz".Where(name => run.Made(name.ToString()))));
        Assert.Single(result.Denials);
    }

    [Fact]
    public async Task A_project_that_lets_everything_through_is_refused_and_one_that_decides_is_named()
    {
        await using RealRun run = await StartAsync(_ => ApprovalDecision.Reject());
        string file = Path.Combine(run.Project, ".amp", "settings.json");
        SettingsRun.Write(file, """{ "amp.dangerouslyAllowAll": true }""");
        AmpValidationException refused = (await run.RunAsync(s_writeFile)).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
        Assert.Equal((nameof(AmpOptions.Approval), file), (refused.OptionName, refused.Value));

        SettingsRun.Write(file, """{ "amp.permissions": [{ "tool": "create_file", "action": "allow" }, { "tool": "Bash", "action": "reject", "matches": { "cmd": "*never*" } }] }""");
        RunOutcome outcome = await run.RunAsync(s_writeFile);
        string warning = Assert.Single(outcome.Texts(AmpEventKind.Warning));
        Assert.Contains("create_file.", warning, StringComparison.Ordinal);
        Assert.Contains(file, warning, StringComparison.Ordinal);
        Assert.False(run.Made("f"));
    }

    [Fact]
    public async Task Twenty_calls_in_a_row_and_two_runs_at_once_each_have_their_own_answers()
    {
        int asked = 0;
        await using RealRun yes = await StartAsync(_ =>
        {
            Interlocked.Increment(ref asked);
            return ApprovalDecision.Allow;
        });
        await using RealRun no = await StartAsync(_ => ApprovalDecision.Reject("never"));
        string calls = string.Join(' ', Enumerable.Range(0, 20).Select(i => RealRun.Shell($"./make f{i}")));
        ResultMessage[] results = await Task.WhenAll(yes.ResultAsync(calls), no.ResultAsync(calls));
        Assert.Equal(20, asked);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal((true, false), (yes.Made($"f{i}"), no.Made($"f{i}"))));
        Assert.Equal((20, 20), (results[0].Approvals.Count(one => one.IsAllowed), results[1].Approvals.Count(one => !one.IsAllowed)));
        Assert.Equal((0, 20), (results[0].Denials.Count, results[1].Denials.Count));
        Assert.Equal(20, results[0].Approvals.Select(one => one.ToolUseId).Distinct().Count());
    }

    [Fact]
    public async Task A_program_that_is_killed_while_it_asks_is_a_no_and_the_run_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The program is looked for in /proc.");
        await using RealRun run = await StartAsync(null);
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
        ResultMessage result = await run.ResultAsync(s_writeFile);
        Assert.False(run.Made("f"));
        Assert.Equal(AmpRunOutcome.Denied, result.Outcome);
        Assert.False(Assert.Single(result.Approvals).IsAllowed);
    }

    [Fact]
    public async Task A_secret_stays_out_of_the_record()
    {
        await using RealRun run = await StartAsync(_ => ApprovalDecision.Reject("not with sgamp_user_canary"));
        RunOutcome outcome = await run.RunAsync(RealRun.Shell("./make sgamp_user_canary"));
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        ToolApproval decision = Assert.Single(outcome.Result!.Approvals);
        Assert.DoesNotContain("canary", decision.ToString(), StringComparison.Ordinal);
        Assert.Contains("./make ***", decision.Input, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_somebody_thinks_ends()
    {
        using CancellationTokenSource cancel = new();
        TaskCompletionSource gone = new();
        await using RealRun run = await StartAsync(null);
        run.Options = run.Options with
        {
            Approval = (_, token) =>
            {
                token.Register(gone.SetResult);
                cancel.CancelAfter(10);
                return new TaskCompletionSource<ApprovalDecision>().Task;
            },
        };
        RunOutcome outcome = await RunOutcome.OfAsync(AmpClient.PlanAsync(s_writeFile, run.Options, TestContext.Current.CancellationToken), s_writeFile, cancel.Token).WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.IsType<AmpCanceledException>(outcome.Error);
        await gone.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.False(run.Made("f"));
    }

    [Fact]
    public async Task A_channel_that_is_broken_is_a_no_and_the_run_goes_on()
    {
        await using RealRun run = await StartAsync(_ => ApprovalDecision.Allow);
        RunDraft draft = RunDraft.Of(RunInput.Of(s_writeFile), run.Options, [new BrokenService(new ApprovalService(run.Options))]);
        AmpCli cli = await AmpClient.GetCliAsync(run.Options, TestContext.Current.CancellationToken);
        RunOutcome outcome = await RunOutcome.OfAsync(Task.FromResult(draft.ToPlan(cli)), s_writeFile, TestContext.Current.CancellationToken);
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        Assert.Equal(AmpRunOutcome.Denied, outcome.Result!.Outcome);
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

        public async ValueTask<OpenRunService> OpenAsync(PrivateFolder folder, CancellationToken cancellationToken)
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

    private static async Task<RealRun> StartAsync(Func<ApprovalRequest, ApprovalDecision>? decide, RealCliBuild build = RealCliBuild.March2026)
    {
        RealRun run = await RealRun.StartAsync(build);
        run.Script("project/make", "echo made > \"$1\"\n");
        run.Options = run.Options with { Approval = decide is null ? null : (request, _) => Task.FromResult(decide(request)) };
        return run;
    }
}
