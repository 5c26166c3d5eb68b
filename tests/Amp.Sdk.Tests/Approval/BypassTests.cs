using Amp.Execution;
using Amp.Plans;
using Amp.Sdk.Tests.Support;
using Amp.Services;
using Amp.Testing;
using Amp.Text;

namespace Amp.Sdk.Tests.Approval;

/// <summary>Runs in which the agent gets round the questions or the rules: they end with an error of their own.</summary>
public sealed class BypassTests
{
    [Theory]
    [InlineData("Bash", "c1", false, true)]
    [InlineData("create_file", "c1", false, true)]
    [InlineData("mcp__other__tool", "c1", false, true)]
    [InlineData("Bash", "c1", true, false)]
    [InlineData("Read", "c1", false, false)]
    public async Task A_result_of_a_call_that_nobody_was_asked_about_ends_the_run(string tool, string id, bool isError, bool isBypass)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Nobody can be asked there.");
        using FakeRun run = new(new FakeCliScript().Init().Out(Call(tool, id), Result(id, isError)).Result("done"));
        run.Options = run.Options with { Approval = (_, _) => Task.FromResult(ApprovalDecision.Allow) };

        RunOutcome outcome = await run.RunAsync();

        if (isBypass)
        {
            outcome.Failed<AmpProcessException>(AmpErrorId.RulesBypassed);
            Assert.True(outcome.Result is null or { Outcome: ResultOutcome.Failed });
        }
        else
        {
            Assert.Null(outcome.Error);
        }
    }

    /// <summary>The result lists the first 1000 denials only.</summary>
    [Fact]
    public async Task One_denial_more_than_the_result_lists_is_no_bypass()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Nobody can be asked there.");
        const string Denial = "Tool rejected by plugin: Rejected by user permissions rule 0: reject Bash";
        string[] lines = [.. Enumerable.Range(0, 1001).SelectMany(i => (string[])[Call("Bash", $"c{i}"), Result($"c{i}", false, Denial)])];
        using FakeRun run = new(new FakeCliScript().Init().Out(lines).Result("done"));
        run.Options = run.Options with { Approval = (_, _) => Task.FromResult(ApprovalDecision.Allow) };

        RunOutcome outcome = await run.RunAsync();

        Assert.Null(outcome.Error);
        Assert.NotEmpty(outcome.Result!.Denials);
    }

    /// <summary>The native CLIs do not name the call that they ask about, and the question can be read before the call.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task A_question_without_an_ID_covers_no_other_call(bool isAllowed, bool hasFailed)
    {
        BypassCheck check = Check();
        await using ApprovalChannel channel = new(
            new ApprovalCallback(ApprovalBench.Always(isAllowed ? ApprovalDecision.Allow : ApprovalDecision.Reject()), null), "/the/project", tool => tool);
        ApprovalLog log = new(channel, new SecretRedactor(new Dictionary<string, string>(), []), check.NoteDecision, check.NoteCall);

        await channel.AskAsync(new ApprovalRequest("Bash", string.Empty, "T-1", """{"cmd":"x"}""", "/the/project"), TestContext.Current.CancellationToken);
        Assert.False(Note(Call("Bash", "c1")));
        Assert.Equal("c1", Assert.Single(log.Decisions).ToolUseId);
        Assert.False(Note(Result("c1", hasFailed)));
        Assert.False(Note(Call("Bash", "c2")));
        Assert.True(Note(Result("c2", false)));

        bool Note(string line)
        {
            StreamMessage message = Parsed.Line(line);
            log.NoteMessage(message);
            return check.NoteMessage(message);
        }
    }

    [Fact]
    public void An_answer_that_did_not_reach_the_CLI_is_the_consent_to_one_call()
    {
        BypassCheck check = Check();
        ToolApproval allowed = new()
        {
            ToolName = "Bash",
            ToolUseId = string.Empty,
            ThreadId = "T-1",
            Input = "{}",
            IsAllowed = true,
            Reason = null,
            AskedAt = default,
            Duration = default,
        };
        check.NoteDecision(allowed);
        check.NoteDecision(allowed with { IsAllowed = false, Reason = "It did not reach the CLI." });

        Assert.False(check.NoteMessage(Parsed.Line(Call("Bash", "c1"))));
        Assert.False(check.NoteMessage(Parsed.Line(Call("Bash", "c2"))));
        Assert.False(check.NoteMessage(Parsed.Line(Result("c1", false))));
        Assert.True(check.NoteMessage(Parsed.Line(Result("c2", false))));
    }

    [Theory]
    [InlineData("call", "Bash")]
    [InlineData("user", "Bash")]
    [InlineData("project", "Bash")]
    [InlineData("call", "shell_command")]
    [InlineData("user", "shell_command")]
    [InlineData("user", "async_shell_command")]
    public async Task What_a_rule_allows_needs_no_question(string whose, string tool)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Nobody can be asked there.");
        const string Rule = """{"amp.permissions":[{"tool":"Bash","action":"allow","matches":{"cmd":"x"}}]}""";
        using SettingsRun run = new(whose == "user" ? Rule : null, new FakeCliScript().Init().Out(Call(tool, "c1"), Result("c1", false)).Result("done"));
        if (whose == "project")
        {
            SettingsRun.Write(Path.Combine(run.Run.Project, ".amp", "settings.json"), Rule);
        }

        run.Options = run.Options with
        {
            Approval = (_, _) => Task.FromResult(ApprovalDecision.Allow),
            Permissions = whose == "call" ? [new AmpPermission("Bash", PermissionAction.Allow)] : null,
        };
        await run.SucceedAsync();
    }

    [Theory]
    [InlineData("""{"amp.dangerouslyAllowAll":true}""", true)]
    [InlineData("""{"amp.permissions":[{"tool":"Bash","action":"allow"}]}""", true)]
    [InlineData("not JSON", true)]
    [InlineData("""{"amp.permissions":[{"tool":"Bash","action":"reject"}]}""", false)]
    public async Task A_project_that_lifts_the_rules_during_the_run_ends_it(string settings, bool isBypass)
    {
        using SettingsRun run = new();
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)] };
        Assert.Equal(isBypass ? AmpErrorId.RulesBypassed : null, await ErrorAsync(run, () => SettingsRun.Write(OfProject(run), settings)));
    }

    [Theory]
    [InlineData("""[{"tool":"create_file","action":"allow"}]""", true)]
    [InlineData("""[{"tool":"create_file","action":"allow"},{"tool":"create_file","action":"reject","matches":{"path":"*.env"}}]""", true)]
    [InlineData(null, true)]
    [InlineData("""[{ "tool": "create_file", "action": "reject", "matches": { "path": "*.env" } }, { "tool": "create_file", "action": "allow" }]""", false)]
    [InlineData("""[{"matches":{"path":"*.env"},"action":"reject","tool":"create_file"},{"action":"allow","tool":"create_file"}]""", false)]
    [InlineData("""[{"tool":"Read","action":"reject"},{"tool":"create_file","action":"reject","matches":{"path":"*.env"}}]""", false)]
    public async Task A_project_that_loses_a_reject_during_the_run_ends_it(string? rules, bool isBypass)
    {
        using SettingsRun run = new();
        SettingsRun.Write(
            OfProject(run),
            """{"amp.permissions":[{"tool":"create_file","action":"reject","matches":{"path":"*.env"}},{"tool":"create_file","action":"allow"}]}""");
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)] };
        string? error = await ErrorAsync(run, () =>
        {
            File.Delete(OfProject(run));
            if (rules is not null)
            {
                SettingsRun.Write(OfProject(run), $$"""{"amp.permissions":{{rules}}}""");
            }
        });
        Assert.Equal(isBypass ? AmpErrorId.RulesBypassed : null, error);
    }

    /// <summary>On this build, the run has no settings of its own, so the CLI reads the user's file, which it also writes.</summary>
    [Theory]
    [InlineData("{}", true)]
    [InlineData("", true)]
    [InlineData("""{"amp.permissions":[{"tool":"*","action":"allow"},{"tool":"Bash","action":"reject"}]}""", true)]
    [InlineData("""{"amp.permissions":[{"tool":"Bash","action":"reject"}],"amp.dangerouslyAllowAll":true}""", true)]
    [InlineData("""{"amp.permissions":[{"tool":"shell_command","action":"allow"},{"tool":"Bash","action":"reject"}]}""", true)]
    [InlineData("""{"amp.permissions":[{ "tool": "Bash", "action": "reject" },{"tool":"Read","action":"allow"}],"amp.url":"x"}""", false)]
    [InlineData("""{"amp.permissions":[{"tool":"Read","action":"allow"},{"tool":"Bash","action":"reject"}]}""", false)]
    [InlineData("""{"amp.permissions":[{"action":"reject","tool":"Bash"}]}""", false)]
    public async Task A_reject_of_the_user_that_is_lost_during_the_run_ends_it(string settings, bool isBypass)
    {
        using SettingsRun run = new("""{"amp.permissions":[{"tool":"Bash","action":"reject"}]}""");
        string? error = await ErrorAsync(run, () => SettingsRun.Write(run.UserFile, settings));
        Assert.Equal(isBypass ? AmpErrorId.RulesBypassed : null, error);
        Assert.DoesNotContain(run.Run.Record.Arguments, argument => argument.StartsWith("--settings-file", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"amp.tools.enable":["*"]}""", true)]
    [InlineData("""{"amp.tools.enable":["Read"],"amp.dangerouslyAllowAll":true}""", false)]
    public async Task A_project_that_offers_more_tools_during_the_run_ends_it(string settings, bool isBypass)
    {
        using SettingsRun run = new();
        run.Options = run.Options with { EnabledTools = ["Read"] };
        Assert.Equal(isBypass ? AmpErrorId.RulesBypassed : null, await ErrorAsync(run, () => SettingsRun.Write(OfProject(run), settings)));
    }

    /// <summary>The CLI keeps the file that it found when it started.</summary>
    [Theory]
    [InlineData(".amp/settings.json", "below/.amp/settings.json")]
    [InlineData("below/.amp/settings.jsonc", "below/.amp/settings.json")]
    public async Task A_harmless_file_does_not_hide_the_one_that_the_CLI_has_read(string read, string harmless)
    {
        using SettingsRun run = new();
        await File.WriteAllTextAsync(Path.Combine(run.Run.Project, ".git"), "gitdir: elsewhere", TestContext.Current.CancellationToken);
        SettingsRun.Write(Path.Combine(run.Run.Project, read), "{}");
        run.Options = run.Options with
        {
            Permissions = [new AmpPermission("Bash", PermissionAction.Reject)],
            WorkingDirectory = Directory.CreateDirectory(Path.Combine(run.Run.Project, "below")).FullName,
        };
        string? error = await ErrorAsync(run, () =>
        {
            SettingsRun.Write(Path.Combine(run.Run.Project, harmless), "{}");
            SettingsRun.Write(Path.Combine(run.Run.Project, read), """{"amp.dangerouslyAllowAll":true}""");
        });
        Assert.Equal(AmpErrorId.RulesBypassed, error);
    }

    [Theory]
    [InlineData("echo '{}' > $settings")]
    [InlineData("for f in ${settings%/*}/approve-*; do printf '#!/bin/sh\\nexit 0\\n' > $f; done")]
    [InlineData("for f in ${settings%/*}/approve-*; do echo 'this starts nothing' > $f; done")]
    [InlineData("rm ${settings%/*}/approve-*")]
    public async Task An_approved_command_that_changes_the_run_s_own_files_ends_the_run(string change)
    {
        await using RealRun run = await RealRun.StartAsync();
        run.Script("project/make", "echo made > \"$1\"\n");
        string attack = "settings=$(tr '\\0' '\\n' < /proc/$PPID/cmdline | sed -n 's/^--settings-file=//p'); " + change;
        run.Options = run.Options with
        {
            Approval = (request, _) => Task.FromResult(request.InputJson.Contains("/proc/", StringComparison.Ordinal) ? ApprovalDecision.Allow : ApprovalDecision.Reject()),
        };

        RunOutcome outcome = await run.RunAsync($"{run.Command(attack)} {run.Command("./make f")}");

        outcome.Failed<AmpProcessException>(AmpErrorId.RulesBypassed);
    }

    [Fact]
    public async Task A_CLI_that_breaks_off_over_what_was_changed_is_no_mere_failure()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Nobody can be asked there.");
        using FakeRun run = new(new FakeCliScript());
        run.Follow(new FakeCliScript().Init().Mark(run.Mark("begun")).WaitFor(run.Mark("go")).Exit(1));
        run.Options = run.Options with { Approval = (_, _) => Task.FromResult(ApprovalDecision.Allow) };

        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("begun");
        await File.WriteAllTextAsync(run.Record.File("--settings-file").Path, "{}", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(run.Mark("go"), string.Empty, TestContext.Current.CancellationToken);

        (await running).Failed<AmpProcessException>(AmpErrorId.RulesBypassed);
    }

    private static BypassCheck Check() => new(new HeldCalls(null, StandingSettings.Unknown, asks: true, mayReject: false, [], []), null, () => []);

    private static string OfProject(SettingsRun run) => Path.Combine(run.Run.Project, ".amp", "settings.json");

    // The error of a run during which somebody writes files.
    private static async Task<string?> ErrorAsync(SettingsRun run, Action write)
    {
        run.Run.Follow(new FakeCliScript().Init().Mark(run.Run.Mark("begun")).WaitFor(run.Run.Mark("go")).Out(Call("Read", "c1"), Result("c1", false)).Result("done"));
        Task<RunOutcome> running = run.Run.RunAsync();
        await run.Run.MarkIsSetAsync("begun");
        write();
        await File.WriteAllTextAsync(run.Run.Mark("go"), string.Empty, TestContext.Current.CancellationToken);
        return ((await running).Error as AmpException)?.ErrorId;
    }

    private static string Call(string tool, string id) =>
        $$$"""{"type":"assistant","message":{"type":"message","role":"assistant","content":[{"type":"tool_use","id":"{{{id}}}","name":"{{{tool}}}","input":{"cmd":"x"}}],"stop_reason":"tool_use"},"parent_tool_use_id":null}""";

    private static string Result(string id, bool isError, string text = "done") =>
        $$$"""{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"{{{id}}}","content":"{{{text}}}","is_error":{{{(isError ? "true" : "false")}}}}]},"parent_tool_use_id":null}""";
}
