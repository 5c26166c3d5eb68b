using System.Diagnostics;
using Amp.Execution;
using Amp.Files;
using Amp.Processes;
using Amp.Sdk.Tests.Records;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Checkpoints;

/// <summary>Checkpoints of runs, sessions and retries on the fake CLI, which changes files as an agent does.</summary>
public sealed class RunCheckpointTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static FakeCliScript Work => new FakeCliScript().Init().Read().Write("${CWD}/a.txt", "two\n").Write("${CWD}/new/b.txt", "new\n").Remove("${CWD}/old.txt").Result("done");

    [Fact]
    public async Task The_result_has_what_is_different_at_the_end_whoever_did_it()
    {
        using FakeRun run = Repository(Work);
        RunOutcome outcome = await run.RunAsync("Change a, please,\n and delete the old one");
        ResultMessage result = outcome.Finished();
        Assert.Equal(["Changed a.txt", "Added new/b.txt", "Deleted old.txt"], result.Changes.Select(difference => difference.ToString()));
        Assert.Equal("system result", outcome.Kinds);
        Assert.Contains("-one\n+two\n", result.Changes[0].Diff, StringComparison.Ordinal);
        AmpCheckpoint checkpoint = Assert.Single(await new CheckpointClient(run.CliOptions()).ListAsync(Stop));
        Assert.Equal(
            (result.CheckpointId, result.SessionId, "Change a, please, and delete the old one", true, CheckpointCause.Run, 3),
            (checkpoint.Id, checkpoint.ThreadId, checkpoint.Prompt, checkpoint.IsComplete, checkpoint.Cause, checkpoint.Files));
        AmpCheckpoint? undo = await new CheckpointClient(run.CliOptions()).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal(("one\n", true, false), (Read(run, "a.txt"), File.Exists(Path.Combine(run.Project, "old.txt")), Directory.Exists(Path.Combine(run.Project, "new"))));
        await new CheckpointClient(run.CliOptions()).RestoreAsync(undo!.Id, cancellationToken: Stop);
        Assert.Equal(("two\n", "new\n"), (Read(run, "a.txt"), Read(run, "new/b.txt")));
        run.NothingIsLeft();
        NothingIsActive(run);
    }

    [Fact]
    public async Task What_was_edited_after_the_run_is_not_lost_unless_that_is_meant()
    {
        using FakeRun run = Repository(Work);
        ResultMessage result = (await run.RunAsync()).Finished();
        File.WriteAllText(Path.Combine(run.Project, "a.txt"), "edited\n");
        AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(
            () => new CheckpointClient(run.CliOptions()).RestoreAsync(result.CheckpointId!, cancellationToken: Stop));
        Assert.Equal((AmpErrorId.CheckpointConflict, result.CheckpointId), (error.ErrorId, error.CheckpointId));
        Assert.Equal(["a.txt"], error.Files);
        Assert.Equal(("edited\n", "new\n"), (Read(run, "a.txt"), Read(run, "new/b.txt")));
        await new CheckpointClient(run.CliOptions()).RestoreAsync(result.CheckpointId!, [Path.Combine(run.Project, "old.txt")], cancellationToken: Stop);
        Assert.Equal("old\n", Read(run, "old.txt"));
        AmpCheckpoint? undo = await new CheckpointClient(run.CliOptions()).RestoreAsync(result.CheckpointId!, force: true, cancellationToken: Stop);
        Assert.Equal("one\n", Read(run, "a.txt"));
        await new CheckpointClient(run.CliOptions()).RestoreAsync(undo!.Id, cancellationToken: Stop);
        Assert.Equal("edited\n", Read(run, "a.txt"));
    }

    [Fact]
    public async Task Without_the_option_git_is_not_even_searched()
    {
        using FakeRun run = Repository(Work);
        run.Options = run.Options with { Checkpoint = false };
        run.Set(("PATH", run.Project));
        ResultMessage result = (await run.RunAsync()).Finished();
        Assert.Null(result.CheckpointId);
        Assert.Empty(result.Changes);
    }

    [Fact]
    public async Task Without_git_the_CLI_is_not_started()
    {
        using FakeRun run = Repository(Work);
        run.Set(("PATH", run.Project));
        AmpCliNotFoundException error = (await run.RunAsync()).Failed<AmpCliNotFoundException>(AmpErrorId.CliNotFound);
        Assert.Contains("git", error.Message, StringComparison.Ordinal);
        Assert.Equal("one\n", Read(run, "a.txt"));
    }

    [Fact]
    public async Task A_run_that_fails_or_is_canceled_has_its_changes_too()
    {
        using FakeRun run = Repository(new FakeCliScript().Init().Read().Write("${CWD}/a.txt", "two\n").ErrorResult("no more"));
        RunOutcome failed = await run.RunAsync();
        Assert.Equal("Changed a.txt", Assert.Single(Assert.IsType<ErrorResultMessage>(failed.Result).Changes).ToString());

        using FakeRun canceled = Repository(new FakeCliScript().EndPolitely().Init().Read().Write("${CWD}/a.txt", "three\n").Hang());
        canceled.Options = canceled.Options with { CancellationGracePeriod = FakeRun.HangLimit };
        using CancellationTokenSource cancel = new();
        Task<RunOutcome> running = RunOutcome.OfAsync(canceled.PlanAsync(), string.Empty, cancel.Token, role: plan => WithTime(plan, FakeRun.HangLimit));
        await FakeRun.WaitForAsync(() => Read(canceled, "a.txt") == "three\n", "the change");
        await cancel.CancelAsync();
        RunOutcome outcome = await running.WaitAsync(FakeRun.HangLimit, Stop);
        outcome.Canceled();
        Assert.Equal("Changed a.txt", Assert.Single(outcome.Result!.Changes).ToString());
        Assert.True(Assert.Single(await new CheckpointClient(canceled.CliOptions()).ListAsync(Stop)).IsComplete);
        NothingIsActive(canceled);
    }

    [Fact]
    public async Task A_run_whose_reader_leaves_has_a_complete_checkpoint()
    {
        using FakeRun run = Repository(new FakeCliScript().EndPolitely().Read().Write("${CWD}/a.txt", "two\n").Init().Hang());
        string? threadId = null;
        RunPlan plan = await run.PlanAsync();
        await foreach (AmpEvent item in AgentRun.StreamAsync(plan, Stop, WithTime(plan, FakeRun.HangLimit)))
        {
            if (item.Message is SystemMessage message)
            {
                threadId = message.SessionId;
                break;
            }
        }

        AmpCheckpoint checkpoint = Assert.Single(await new CheckpointClient(run.CliOptions()).ListAsync(Stop));
        Assert.NotNull(threadId);
        Assert.Equal(threadId, checkpoint.ThreadId);
        Assert.True(checkpoint.IsComplete);
        Assert.NotNull(await new CheckpointClient(run.CliOptions()).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal("one\n", Read(run, "a.txt"));
        NothingIsActive(run);
    }

    [Fact]
    public async Task Tries_of_one_run_have_one_checkpoint_and_all_their_changes()
    {
        using FakeRun run = Repository(new FakeCliScript()
            .OnStart(1, steps => steps.Init().Read().Write("${CWD}/a.txt", "two\n").ErrorResult("529 overloaded_error: Overloaded, try again in 1 second"))
            .OnStart(2, steps => steps.Init().Read().Write("${CWD}/c.txt", "c\n").Result("done")));
        run.Options = run.Options with { RetryLimit = 1 };
        ResultMessage result = (await run.RunAsync()).Finished();
        Assert.Single(result.Retries);
        Assert.Equal(["Changed a.txt", "Added c.txt"], result.Changes.Select(difference => difference.ToString()));
        Assert.Single(await new CheckpointClient(run.CliOptions()).ListAsync(Stop));
        NothingIsActive(run);
    }

    [Fact]
    public async Task A_session_has_the_changes_of_its_process_at_its_end()
    {
        using FakeRun run = Repository(new FakeCliScript().Init().Turn().Write("${CWD}/a.txt", "two\n").Turns());
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: Stop);
        Assert.Empty(await new CheckpointClient(run.CliOptions()).ListAsync(Stop));
        Assert.Equal("Echo: one", await session.AnswerAsync("one"));
        AmpCheckpoint open = Assert.Single(await new CheckpointClient(run.CliOptions()).ListAsync(Stop));
        Assert.False(open.IsComplete);
        Assert.Equal("Echo: two", await session.AnswerAsync("two"));
        ResultMessage? result = await session.EndAsync(Stop);
        Assert.Equal((open.Id, "Changed a.txt"), (result!.CheckpointId, Assert.Single(result.Changes).ToString()));
        NothingIsActive(run);
    }

    [Fact]
    public async Task A_run_of_which_only_the_start_is_known_is_restored_by_force_only()
    {
        using FakeRun run = Repository(new FakeCliScript().EndPolitely().Init().Read().Write("${CWD}/a.txt", "two\n").Hang());
        using CancellationTokenSource cancel = new();
        Task<RunOutcome> running = run.RunUntilAsync(cancel.Token);
        await FakeRun.WaitForAsync(() => Read(run, "a.txt") == "two\n", "the change");
        AmpCheckpoint checkpoint = Assert.Single(await new CheckpointClient(run.CliOptions()).ListAsync(Stop));
        Assert.False(checkpoint.IsComplete);
        AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(
            () => new CheckpointClient(run.CliOptions()).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(AmpErrorId.CheckpointConflict, error.ErrorId);
        Assert.NotNull(await new CheckpointClient(run.CliOptions()).RestoreAsync(checkpoint.Id, force: true, cancellationToken: Stop));
        Assert.Equal("one\n", Read(run, "a.txt"));
        await cancel.CancelAsync();
        (await running).Canceled();
    }

    [Fact]
    public async Task Two_runs_in_one_folder_are_told_that_their_changes_mix()
    {
        using FakeRun first = Repository(new FakeCliScript().Init().Read().WaitFor("${CWD}/go").Result("first"));
        Task<RunOutcome> running = first.RunAsync();
        await FakeRun.WaitForAsync(() => Directory.Exists(first.Log) && FakeCliRecord.ReadAll(first.Log).Count > 0, "the first run");
        first.Follow(new FakeCliScript().Init().Read().Write("${CWD}/go", string.Empty).Result("second"));
        RunOutcome second = await first.RunAsync();
        second.Finished();
        Assert.Contains("at the same time", Assert.Single(second.Texts(AmpEventKind.Warning)), StringComparison.Ordinal);
        (await running).Finished();
        RunOutcome third = await first.RunAsync();
        Assert.Empty(third.Texts(AmpEventKind.Warning));
        NothingIsActive(first);
    }

    [Fact]
    public async Task A_run_in_another_container_is_active_as_long_as_it_holds_its_lock()
    {
        using FakeRun run = Repository(new FakeCliScript().Init().Read().Result("done"));
        (await run.RunAsync()).Finished();
        ProcessIdentity elsewhere = ProcessIdentity.Current with { Space = ProcessIdentity.Current.Space + 1 };
        string active = Path.Combine(PrivateFolder(run), $"active-{elsewhere.ToString('-')}-{Guid.NewGuid():N}");
        using (LockFile.Take(active))
        {
            Assert.Contains("at the same time", Assert.Single((await run.RunAsync()).Texts(AmpEventKind.Warning)), StringComparison.Ordinal);
            Assert.True(File.Exists(active));
        }

        // It was killed.
        Assert.True(File.Exists(active));
        Assert.Empty((await run.RunAsync()).Texts(AmpEventKind.Warning));
        NothingIsActive(run);

        // A run here holds its lock, so that another container does not take it for one that was killed.
        run.Follow(new FakeCliScript().Init().Read().Mark(run.Mark("working")).WaitFor(run.Mark("go")).Result("done"));
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("working");
        Assert.Equal(OperatingSystem.IsLinux(), LockFile.IsHeld(Assert.Single(ActiveFiles(run))));
        await File.WriteAllTextAsync(run.Mark("go"), string.Empty, Stop);
        (await running).Finished();
        NothingIsActive(run);

        // Nor is the lock of the deleted file held any longer.
        IEnumerable<string?> open = OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Select(file => new FileInfo(file).LinkTarget) : [];
        Assert.DoesNotContain(open, target => target?.StartsWith(Path.Combine(PrivateFolder(run), "active-"), StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData(".gitattributes")]
    [InlineData("assets/.gitattributes")]
    [InlineData(".git/info/attributes")]
    public async Task Files_of_Git_LFS_are_named_in_a_warning_wherever_they_are_listed(string name)
    {
        using FakeRun run = Repository(Work);
        string path = Path.Combine(run.Project, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, "*.bin filter=lfs diff=lfs merge=lfs -text\n", Stop);
        Assert.Contains("LFS", Assert.Single((await run.RunAsync()).Texts(AmpEventKind.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_do_not_reach_the_checkpoint()
    {
        using FakeRun run = Repository(Work);
        run.Set(("MY_TOKEN", "very-secret-value"));
        await run.RunAsync($"Use very-secret-value and {new string('x', 300)}");
        AmpCheckpoint checkpoint = Assert.Single(await new CheckpointClient(run.CliOptions()).ListAsync(Stop));
        Assert.StartsWith("Use *** and xxx", checkpoint.Prompt, StringComparison.Ordinal);
        Assert.Equal(201, checkpoint.Prompt!.Length);
    }

    [Fact]
    public async Task An_agent_elsewhere_is_refused()
    {
        using FakeRun run = Repository(Work);
        run.Options = run.Options with { Executor = "orb" };
        Assert.Equal(nameof(AmpOptions.Checkpoint), (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption).OptionName);
    }

    [Theory]
    [InlineData("add -A", "was not kept, so its changes are not known", false)]
    [InlineData("diff-tree", "was kept, but its changes were not determined", true)]
    public async Task A_failure_at_the_end_is_a_warning_and_the_result_is_there(string command, string expected, bool isComplete)
    {
        using FakeRun run = Repository(Work);
        string path = Break(run, $"*' {command} '*) if [ -e '{run.Project}/new/b.txt' ]; then echo 'fatal: broken on purpose' >&2; exit 128; fi;;");
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson") };
        RunOutcome outcome = await run.RunAsync();
        ResultMessage result = outcome.Finished();
        Assert.NotNull(result.CheckpointId);
        Assert.Empty(result.Changes);
        string warning = Assert.Single(outcome.Texts(AmpEventKind.Warning));
        Assert.Contains(expected, warning, StringComparison.Ordinal);
        Assert.Contains("broken on purpose", warning, StringComparison.Ordinal);
        Assert.Equal([warning], await RecordedWarningsAsync(run));
        run.Set(("PATH", path));
        Assert.Equal(isComplete, Assert.Single(await new CheckpointClient(run.CliOptions()).ListAsync(Stop)).IsComplete);
        NothingIsActive(run);
    }

    [Fact]
    public async Task What_cannot_be_read_at_the_end_of_a_run_is_named_in_a_warning()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        using FakeRun run = Repository(Work);
        run.Follow(new FakeCliScript().Init().Read().Write("${CWD}/old.txt", "new\n").Mark(run.Mark("working")).WaitFor(run.Mark("go")).Result("done"));
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson") };
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("working");

        // Nobody can read it as a file, not even root.
        File.Delete(Path.Combine(run.Project, "a.txt"));
        using Process made = Process.Start("mkfifo", [Path.Combine(run.Project, "a.txt")]);
        await made.WaitForExitAsync(Stop);
        await File.WriteAllTextAsync(run.Mark("go"), string.Empty, Stop);
        RunOutcome outcome = await running;
        Assert.Equal("Changed old.txt", Assert.Single(outcome.Finished().Changes).ToString());
        string warning = Assert.Single(outcome.Texts(AmpEventKind.Warning));
        Assert.Contains("a.txt", warning, StringComparison.Ordinal);
        Assert.Equal([warning], await RecordedWarningsAsync(run));
        NothingIsActive(run);
    }

    [Fact]
    public async Task A_nested_repository_of_the_agent_is_named_in_a_warning_and_hides_no_change()
    {
        using FakeRun run = Repository(Work);
        FakeCliScript script = new FakeCliScript().Init().Read().Remove("${CWD}/old.txt").Write("${CWD}/hidden/payload", "new\n");
        foreach (string name in (string[])["old.txt", "hidden"])
        {
            // What git requires of a repository.
            script = script.Write($"${{CWD}}/{name}/.git/HEAD", "ref: refs/heads/main\n").Write($"${{CWD}}/{name}/.git/objects/x", string.Empty).Write($"${{CWD}}/{name}/.git/refs/x", string.Empty);
        }

        run.Follow(script.Result("done"));
        run.Options = run.Options with { TranscriptPath = run.Mark("run.ndjson") };
        RunOutcome outcome = await run.RunAsync();
        ResultMessage result = outcome.Finished();
        Assert.Equal("Deleted old.txt", Assert.Single(result.Changes).ToString());
        string warning = Assert.Single(outcome.Texts(AmpEventKind.Warning));
        Assert.Contains("hidden", warning, StringComparison.Ordinal);
        Assert.Contains("old.txt", warning, StringComparison.Ordinal);
        Assert.Equal([warning], await RecordedWarningsAsync(run));
        AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(
            () => new CheckpointClient(run.CliOptions()).RestoreAsync(result.CheckpointId!, cancellationToken: Stop));
        Assert.Equal(AmpErrorId.CheckpointConflict, error.ErrorId);
        Assert.Equal(["old.txt"], error.Files);
        NothingIsActive(run);
    }

    [Fact]
    public async Task A_nested_repository_that_the_agent_made_an_ordinary_folder_hides_no_change()
    {
        using FakeRun run = Repository(new FakeCliScript().Init().Read().Remove("${CWD}/vendor/lib/.git/HEAD").Write("${CWD}/vendor/lib/x.js", "of the agent\n").Result("done"));
        foreach (string name in (string[])["HEAD", "objects/x", "refs/x"])
        {
            string path = Path.Combine(run.Project, "vendor", "lib", ".git", name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, "ref: refs/heads/main\n", Stop);
        }

        RunOutcome outcome = await run.RunAsync();
        ResultMessage result = outcome.Finished();
        Assert.Equal("Added vendor/lib/x.js", Assert.Single(result.Changes).ToString());
        Assert.Equal(2, outcome.Texts(AmpEventKind.Warning).Count(text => text.Contains("vendor/lib", StringComparison.Ordinal)));
        CheckpointClient client = new(run.CliOptions());
        AmpCheckpoint later = await client.CreateAsync(Stop);
        foreach (string? other in (string?[])[null, later.Id])
        {
            Assert.Equal("Added vendor/lib/x.js", Assert.Single(await client.CompareAsync(result.CheckpointId!, other, Stop)).ToString());
        }

        // What was in the repository is not known, so a restore deletes nothing there.
        Assert.Null(await client.RestoreAsync(result.CheckpointId!, force: true, cancellationToken: Stop));
        Assert.Equal("of the agent\n", Read(run, "vendor/lib/x.js"));
        NothingIsActive(run);
    }

    [Fact]
    public async Task A_run_that_was_stopped_does_not_wait_long_for_git()
    {
        using FakeRun run = Repository(new FakeCliScript().EndPolitely().Init().Read().Write("${CWD}/new/b.txt", "new\n").Line(50_000).Hang());
        run.Options = run.Options with { MaxLineBytes = 10_000 };
        Break(run, $"*' add -A '*) if [ -e '{run.Project}/new/b.txt' ]; then echo $$ > \"$here/pid\"; exec sleep 1000; fi;;");

        // Git has started by then also on a busy machine.
        RunOutcome outcome = await RunOutcome.OfAsync(run.PlanAsync(), string.Empty, Stop, role: plan => WithTime(plan, FakeRun.ShortLimit));
        outcome.Failed<AmpJsonException>(AmpErrorId.InvalidStreamJson);
        Assert.Contains("the run was stopped", Assert.Single(outcome.Texts(AmpEventKind.Warning)), StringComparison.Ordinal);
        Assert.False(ProcessProbe.IsRunning(int.Parse(File.ReadAllText(run.Mark("bin/pid")), null)));
        NothingIsActive(run);
    }

    // How long the end of a stopped run waits for Git.
    private static RunRole WithTime(RunPlan plan, TimeSpan hurry) => new() { Checkpoint = new RunCheckpoint(plan) { Hurry = hurry } };

    // Returns PATH as it was.
    private static string Break(FakeRun run, string cases)
    {
        string path = run.Options.Environment!["PATH"]!;
        run.Set(("PATH", $"{GitFolder.Wrapper(run.Mark(string.Empty), path, cases)}:{path}"));
        return path;
    }

    private static FakeRun Repository(FakeCliScript script)
    {
        FakeRun run = new(script);
        run.Options = run.Options with { Checkpoint = true };
        File.WriteAllText(Path.Combine(run.Project, "a.txt"), "one\n");
        File.WriteAllText(Path.Combine(run.Project, "old.txt"), "old\n");
        File.WriteAllText(Path.Combine(run.Project, ".gitattributes"), string.Empty);
        using Process git = Process.Start(new ProcessStartInfo("git", ["init", "-q"]) { WorkingDirectory = run.Project })!;
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return run;
    }

    private static async Task<IEnumerable<string?>> RecordedWarningsAsync(FakeRun run) =>
        (await Recorded.ReadAsync(run.Mark("run.ndjson"))).Where(entry => entry.Kind == TranscriptEntryKind.Warning).Select(entry => entry.Text);

    private static string Read(FakeRun run, string path) => File.ReadAllText(Path.Combine(run.Project, path));

    private static void NothingIsActive(FakeRun run) => Assert.Empty(ActiveFiles(run));

    private static string[] ActiveFiles(FakeRun run) => Directory.GetFiles(PrivateFolder(run), "active-*");

    private static string PrivateFolder(FakeRun run) =>
        Assert.Single(Directory.GetDirectories(Path.Combine(run.Options.Environment!["XDG_STATE_HOME"]!, "amp-sdk-dotnet", "checkpoints")));
}
