using System.Collections.Concurrent;
using Amp.Sdk.Tests.Records;
using Amp.Sdk.Tests.Support;
using Amp.Services;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>Questions of a CLI on a host to this process, over the connection of the run. The CLI is a fake, and the test asks in its place.</summary>
public sealed class SshApprovalTests
{
    [Theory]
    [InlineData]
    [InlineData("/bin/bash", "--posix")]
    [InlineData("/usr/bin/busybox", "sh")]
    [InlineData("/usr/bin/zsh", "--emulate", "sh")]
    public async Task A_question_gets_its_answer(params string[] shell)
    {
        Assert.SkipUnless(shell is [] || File.Exists(shell[0]), $"Requires {string.Join(' ', shell)}.");
        using SshHost host = new();
        ConcurrentQueue<ApprovalRequest> asked = new();
        using FakeRun run = Start(host, (request, _) =>
        {
            asked.Enqueue(request);
            return Task.FromResult(
                request.InputJson.Contains("yes", StringComparison.Ordinal) ? ApprovalDecision.Allow
                : request.InputJson.Contains("why", StringComparison.Ordinal) ? ApprovalDecision.Reject("Not like this.\nUse 'the' other — äöü $HOME %s \\n.")
                : ApprovalDecision.Reject());
        });
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        string program = FarProgram.Asker(run.Record);
        string large = $$"""{"cmd":"yes {{new string('漢', 400_000)}}"}""";
        foreach ((string input, int code, string said) in ((string, int, string)[])
            [
                ("""{"cmd":"yes"}""", 0, string.Empty),
                ("""{"cmd":"why"}""", 2, $"{ApprovalChannel.RejectedWords}Not like this.\nUse 'the' other — äöü $HOME %s \\n."),
                ("""{"cmd":"no"}""", 2, $"{ApprovalChannel.RejectedWords}the caller does not allow this call."),
                (large, 0, string.Empty),
            ])
        {
            using FarProgram asker = FarProgram.Ask(program, input, shell: shell);
            Assert.Equal((code, said), await asker.AnswerAsync());
        }

        ApprovalRequest[] requests = [.. asked];
        Assert.All(requests, request => Assert.Equal(
            ("Bash", "toolu_1", "T-1", run.Project, host.Address),
            (request.ToolName, request.ToolUseId, request.ThreadId, request.WorkingDirectory, request.HostName)));
        Assert.Equal(large, requests[^1].InputJson);
        await SshToolTests.GoAsync(run);
        RunOutcome outcome = await running;
        Assert.Equal([true, false, false, true], outcome.Result!.Approvals.Select(one => one.IsAllowed));
        Assert.Equal(4, outcome.Events.Count(item => item.Kind == AmpEventKind.Approval));
        run.NothingIsLeft();
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task Many_questions_at_once_each_have_their_own_answer()
    {
        using SshHost host = new();
        using FakeRun run = Start(host, (request, _) => Task.FromResult(
            int.Parse(request.ToolName, System.Globalization.CultureInfo.InvariantCulture) % 2 == 0 ? ApprovalDecision.Allow : ApprovalDecision.Reject(request.ToolName)));
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        string program = FarProgram.Asker(run.Record);
        FarProgram[] askers = [.. Enumerable.Range(0, 20).Select(i => FarProgram.Ask(program, tool: $"{i}"))];
        for (int i = 0; i < askers.Length; i++)
        {
            using FarProgram asker = askers[i];
            Assert.Equal(i % 2 == 0 ? (0, string.Empty) : (2, $"{ApprovalChannel.RejectedWords}{i}"), await asker.AnswerAsync());
        }

        await SshToolTests.GoAsync(run);
        Assert.Equal(20, (await running).Result!.Approvals.Count);
        Assert.True(host.IsClean);
    }

    [Theory]
    [InlineData("asker is killed")]
    [InlineData("link is cut")]
    [InlineData("run is canceled")]
    public async Task A_question_that_nobody_waits_for_anymore_is_void(string how)
    {
        using SshHost host = new();
        OpenQuestion question = new();
        using FakeRun run = Start(host, question.DecideAsync);
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson") };
        using CancellationTokenSource stop = new();
        Task<RunOutcome> running = run.RunUntilAsync(stop.Token);
        await run.MarkIsSetAsync("started");
        using FarProgram asker = FarProgram.Ask(FarProgram.Asker(run.Record));
        await question.AskedAsync();
        switch (how)
        {
            case "asker is killed":
                asker.Kill();
                break;
            case "link is cut":
                host.KillConnections();
                break;
            default:
                await stop.CancelAsync();
                break;
        }

        await question.GoneAsync();
        Assert.NotEqual(0, (await asker.AnswerAsync()).ExitCode);
        await SshToolTests.GoAsync(run);
        RunOutcome outcome = await running;

        // The events of a canceled run may have ended before; its record has the decision.
        Assert.All(outcome.Events.Where(item => item.Kind == AmpEventKind.Approval), item => Assert.False(item.Approval!.IsAllowed));
        TranscriptEntry decided = Assert.Single(await Recorded.ReadAsync(run.Mark("run.ndjson")), entry => entry.Kind == TranscriptEntryKind.Approval);
        Assert.False(decided.Approval!.IsAllowed);
        Assert.Equal(how == "asker is killed" ? 1 : 0, outcome.Result is { IsError: false } result ? result.Approvals.Count : 0);
        await FakeRun.WaitForAsync(() => host.IsClean && !run.Processes().Any(ProcessProbe.IsRunning), "the end of the run on the host");
    }

    [Fact]
    public async Task A_changed_program_is_told()
    {
        using SshHost host = new();
        using FakeRun run = Start(host, (_, _) => Task.FromResult(ApprovalDecision.Allow));
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        await File.AppendAllTextAsync(FarProgram.Asker(run.Record), "exit 0\n", TestContext.Current.CancellationToken);
        await SshToolTests.GoAsync(run);
        Assert.Contains("approve", (await running).Failed<AmpProcessException>(AmpErrorId.RulesBypassed).Message, StringComparison.Ordinal);
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task A_folder_whose_programs_may_not_be_run_is_not_used()
    {
        using SshHost host = new();
        using FakeRun run = Start(host, (_, _) => Task.FromResult(ApprovalDecision.Allow));
        try
        {
            SshHost.Run("mount", "-t", "tmpfs", "-o", "size=4m,noexec", "tmpfs", host.Temporary);
        }
        catch (InvalidOperationException)
        {
            Assert.Skip("Requires the right to mount (CAP_SYS_ADMIN).");
        }

        try
        {
            Task<RunOutcome> running = run.RunAsync();
            await run.MarkIsSetAsync("started");
            string program = FarProgram.Asker(run.Record);
            Assert.False(program.StartsWith(host.Temporary, StringComparison.Ordinal));
            using FarProgram asker = FarProgram.Ask(program);
            Assert.Equal((0, string.Empty), await asker.AnswerAsync());
            await SshToolTests.GoAsync(run);
            (await running).Succeeded("done");
            Assert.False(Directory.Exists(Path.GetDirectoryName(program)));
            Assert.True(host.IsClean);
        }
        finally
        {
            SshHost.Run("umount", host.Temporary);
        }
    }

    /// <summary>A run whose CLI waits for the mark "go", and asks.</summary>
    internal static FakeRun Start(SshHost host, Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>> approval)
    {
        FakeRun run = SshToolTests.Start(host);
        run.Options = run.Options with { Tools = null, Approval = approval };
        return run;
    }

    /// <summary>A question that is decided only by its end.</summary>
    internal sealed class OpenQuestion
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task AskedAsync() => _asked.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);

        public Task GoneAsync() => _gone.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);

        public async Task<ApprovalDecision> DecideAsync(ApprovalRequest request, CancellationToken cancellationToken)
        {
            _asked.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            finally
            {
                _gone.SetResult();
            }

            return ApprovalDecision.Allow;
        }
    }
}
