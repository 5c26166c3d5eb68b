using System.Collections.Concurrent;
using System.Text.Json;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.RealRuns;

/// <summary>Rules for kinds, and what an approval is told of a call, in whole runs.</summary>
public sealed class KindRunTests
{
    private static readonly string[] s_shells = ["Bash", "shell_command", "async_shell_command"];

    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_run_that_may_not_write_changes_no_file(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        run.Options = run.Options with { Permissions = [AmpPermission.ForKind(ToolKind.Write, PermissionAction.Reject), new("*", PermissionAction.Allow)] };
        ResultMessage result = await run.ResultAsync(Writes(run.Project));
        Assert.True(result.ToolUseCount >= 3, $"{result.ToolUseCount} calls");
        Assert.Equal(["victim"], Files(run));
        Assert.Equal("old\n", await File.ReadAllTextAsync(Path.Combine(run.Project, "victim"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task The_same_run_without_the_rule_writes(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        run.Options = run.Options with { Permissions = [new("*", PermissionAction.Allow)] };
        ResultMessage result = await run.ResultAsync(Writes(run.Project));
        Assert.Contains("created", Files(run));
        Assert.Equal(build == RealCliBuild.September2026, Files(run).Contains("patched"));
        Assert.Contains(Path.Combine(run.Project, "created"), result.FilesTouched);
        Assert.Contains("patched", result.FilesTouched.Select(Path.GetFileName));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_path_is_not_written_by_any_tool(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        run.Options = run.Options with
        {
            Permissions = [AmpPermission.ForKind(ToolKind.Write, PermissionAction.Reject, path: Path.Combine(run.Project, "*")), new("*", PermissionAction.Allow)],
        };
        await run.ResultAsync(Writes(run.Project));
        Assert.Equal(["victim"], Files(run));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task An_approval_sees_the_command_whatever_the_shell_is_called(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        ConcurrentBag<string> seen = [];
        run.Options = run.Options with
        {
            Approval = (request, _) =>
            {
                seen.Add($"{request.Kind} {request.Command} {request.CommandDirectory == run.Project}");
                return Task.FromResult(
                    request.Kind == ToolKind.Shell && request.Command!.Contains("rm", StringComparison.Ordinal) ? ApprovalDecision.Reject() : ApprovalDecision.Allow);
            },
        };
        string prompt = string.Join(' ', s_shells.Select(
            shell => RealRun.Call(shell, $$"""{"{{(shell == "Bash" ? "cmd" : "command")}}":"rm victim"}""")));
        await run.ResultAsync(prompt);
        Assert.Equal(["victim"], Files(run));
        Assert.NotEmpty(seen);
        Assert.All(seen, one => Assert.Equal("Shell rm victim True", one));
    }

    // Only the native builds have a shell in the background; they ask about it as about the other one.
    [Fact]
    public async Task A_command_in_the_background_runs_where_it_was_allowed()
    {
        await using RealRun run = await StartAsync(RealCliBuild.September2026);
        run.Options = run.Options with
        {
            Approval = (request, _) => Task.FromResult(request.Command == "touch made" ? ApprovalDecision.Allow : ApprovalDecision.Reject()),
        };
        RunOutcome outcome = await run.RunAsync(
            RealRun.Call("async_shell_command", """{"command":"touch made"}""") + RealRun.Call("async_shell_command", """{"command":"rm victim"}"""));
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        ToolUseContent[] calls = [.. outcome.Messages.OfType<AssistantMessage>().SelectMany(message => message.ToolUse)];
        Assert.Equal(
            calls.Select(call => (call.Id!, call.Command == "touch made")).Order(),
            outcome.Result!.Approvals.Select(one => (one.ToolUseId, one.IsAllowed)).Order());
        Assert.True(await Eventually.IsTrueAsync(() => run.Made("made"), FakeRun.HangLimit));
        Assert.True(run.Made("victim"));
    }

    private static async Task<RealRun> StartAsync(RealCliBuild build)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There the CLI asks nobody, and paths differ.");
        RealRun run = await RealRun.StartAsync(build);
        await File.WriteAllTextAsync(Path.Combine(run.Project, "victim"), "old\n");
        return run;
    }

    private static string[] Files(RealRun run) => [.. Directory.GetFiles(run.Project).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private static string Writes(string folder)
    {
        string Text(string text) => JsonSerializer.Serialize(text);
        string patch = $"*** Begin Patch\n*** Add File: {folder}/patched\n+new\n*** Update File: {folder}/victim\n@@\n-old\n+patched\n*** End Patch";
        return string.Join(
            ' ',
            RealRun.Call("create_file", $$"""{"path":{{Text(Path.Combine(folder, "created"))}},"content":"new"}"""),
            RealRun.Call("apply_patch", $$"""{"patchText":{{Text(patch)}}}"""),
            RealRun.Call("edit_file", $$"""{"path":{{Text(Path.Combine(folder, "victim"))}},"old_str":"old","new_str":"edited"}"""));
    }
}
