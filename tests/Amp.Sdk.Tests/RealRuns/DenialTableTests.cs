using System.Text.Json;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.RealRuns;

/// <summary>Every way in which a call is not allowed, on each build: it does not run, and is a denial.</summary>
public sealed class DenialTableTests
{
    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_is_not_allowed_does_not_run_and_is_a_denial(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        string Program(string name, string work) => run.Script(name, $"cat > /dev/null; {work}\n");
        AmpPermission Delegate(string command, string program) => run.Rule(PermissionAction.Delegate, command, to: program);
        string missing = Program("missing", "exit 0");
        run.Options = run.Options with
        {
            Permissions =
            [
                run.Rule(PermissionAction.Reject, "touch rejected"),
                run.Rule(PermissionAction.Reject, "touch with-message", message: "Not that."),
                Delegate("touch program-yes", Program("yes", "exit 0")),
                Delegate("touch program-no", Program("no", "exit 2")),
                Delegate("touch program-says-no", Program("says-no", "echo 'Tool execution rejected by user: no' >&2; exit 2")),
                Delegate("touch program-missing", missing),
                Delegate("touch program-asks", Program("asks", "exit 1")),
                run.Rule(PermissionAction.Ask, "touch asked"),
                run.Rule(PermissionAction.Allow, "touch allowed"),
            ],
        };
        string[] decided = ["rejected", "with-message", "program-yes", "program-no", "program-says-no", "program-missing", "allowed"];
        string[] asked = ["asked", "program-asks", "git push origin"];

        // A question ends a run of the earlier builds, which answer no other call of it then.
        string[][] batches = build == RealCliBuild.September2026 ? [[.. decided, .. asked]] : [decided, asked];
        List<string> denied = [];
        foreach (string[] batch in batches)
        {
            string prompt = string.Join(' ', batch.Select(name => run.Command(Command(name))));
            RunOutcome outcome = await AnsweredAsync(run, prompt, mayWait: build == RealCliBuild.January2026 && batch == asked);
            Assert.Equal(ResultOutcome.Denied, outcome.Result!.Outcome);
            ToolUseContent[] calls = [.. outcome.Messages.OfType<AssistantMessage>().SelectMany(message => message.ToolUse)];
            denied.AddRange(outcome.Result.Denials.Select(denial => batch[Array.FindIndex(calls, call => call.Id == denial.ToolUseId)]));
        }

        Assert.Equal(decided.Concat(asked).Except(["program-yes", "allowed"]).Order(StringComparer.Ordinal), denied.Order(StringComparer.Ordinal));
        Assert.Equal(["allowed", "program-yes"], Directory.GetFiles(run.Project).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    // January waits at times for an answer that nobody can give, and then tells nothing of these calls.
    private static async Task<RunOutcome> AnsweredAsync(RealRun run, string prompt, bool mayWait)
    {
        if (mayWait)
        {
            run.Options = run.Options with { IdleTimeout = FakeRun.HangLimit / 6 };
        }

        for (int attempt = 1; ; attempt++)
        {
            RunOutcome outcome = await RunOutcome.OfAsync(PlanWithoutAsync(run, "missing", prompt), prompt, TestContext.Current.CancellationToken)
                .WaitAsync(FakeRun.HangLimit + FakeRun.HangLimit, TestContext.Current.CancellationToken);
            if (!mayWait || outcome.Error is not AmpTimeoutException)
            {
                return outcome;
            }

            Assert.SkipWhen(attempt == 5, "The CLI of January 2026 waited at its questions five times in a row.");
        }
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_guarded_file_is_not_written_and_the_run_ends(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);

        // The CLI is asked to end, and has the time that its last result takes on a busy machine.
        run.Options = run.Options with
        {
            Permissions = [new("*", PermissionAction.Allow)], ServiceLossTimeout = TimeSpan.FromSeconds(3), CancellationGracePeriod = TimeSpan.FromSeconds(30),
        };
        string file = Path.Combine(run.Home, ".ssh", "config");
        RunOutcome outcome = await run.RunAsync(RealRun.Call("create_file", $$"""{"path":{{JsonSerializer.Serialize(file)}},"content":"x"}"""));
        Assert.False(File.Exists(file));
        if (build == RealCliBuild.January2026 && outcome.Error is AmpTimeoutException waited)
        {
            // It ends the run at times, and waits for an answer that nobody can give at others.
            Assert.Equal(AmpErrorId.IdleTimeout, waited.ErrorId);
            return;
        }

        Assert.Equal(ResultOutcome.Denied, outcome.Result!.Outcome);
        Assert.Equal("create_file", Assert.Single(outcome.Result.Denials).Tool);
    }

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task A_program_that_decides_about_writing_may_take_longer_than_a_question_waits(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        string program = run.Script("slow", "cat > /dev/null; sleep 4\n");
        run.Options = run.Options with
        {
            Permissions = [new("create_file", PermissionAction.Delegate, to: program)], ServiceLossTimeout = TimeSpan.FromSeconds(1),
        };
        ResultMessage result = await run.ResultAsync(RealRun.Call(
            "create_file", $$"""{"path":{{JsonSerializer.Serialize(Path.Combine(run.Project, "f"))}},"content":"x"}"""));
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
        Assert.True(run.Made("f"));
    }

    [Theory]
    [InlineData(RealCliBuild.May2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task A_tool_that_is_switched_off_is_a_denial_where_the_model_calls_it_all_the_same(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        SettingsRun.Write(run.UserFile, """{"amp.tools.disable":["create_file"]}""");
        RunOutcome outcome = await run.RunAsync(RealRun.Call("create_file", $$"""{"path":{{JsonSerializer.Serialize(Path.Combine(run.Project, "f"))}},"content":"x"}"""));
        Assert.Equal("create_file", Assert.Single(outcome.Result!.Denials).Tool);
        Assert.False(run.Made("f"));
    }

    private static async Task<RealRun> StartAsync(RealCliBuild build)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The programs are shell scripts.");
        return await RealRun.StartAsync(build);
    }

    // A program that is not there is refused before the run; this one goes between the two.
    private static async Task<RunPlan> PlanWithoutAsync(RealRun run, string program, string prompt)
    {
        string file = run.Script(program, "exit 0\n");
        RunPlan plan = await AmpClient.PlanAsync(prompt, run.Options);
        File.Delete(file);
        return plan;
    }

    private static string Command(string name) => name.Contains(' ', StringComparison.Ordinal) ? name : "touch " + name;
}
