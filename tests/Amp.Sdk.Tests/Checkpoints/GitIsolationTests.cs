using Amp.Checkpoints;
using Amp.Cli;
using Amp.Files;
using Amp.Options;

namespace Amp.Sdk.Tests.Checkpoints;

/// <summary>What git is not led to do, what is refused, and what others can do at the same time.</summary>
public sealed class GitIsolationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_hook_monitor_filter_or_variable_of_the_caller_has_a_say()
    {
        using GitFolder folder = FolderShapes.Committed();
        string mark = Path.Combine(folder.Home, "ran");
        string hooks = folder[".git/hooks"];
        foreach (string name in (string[])["pre-commit", "post-commit", "reference-transaction", "post-checkout", "post-index-change", "prepare-commit-msg", "commit-msg", "pre-auto-gc", "fsmonitor-watchman", "post-rewrite"])
        {
            Program(Path.Combine(hooks, name), mark);
        }

        Program(folder["evil.sh"], mark);
        folder.Git("config", "core.fsmonitor", folder["evil.sh"]);
        folder.Git("config", "core.logAllRefUpdates", "always");
        folder.Git("config", "commit.gpgSign", "true");
        folder.Git("config", "gpg.program", folder["evil.sh"]);
        folder.Git("config", "diff.external", folder["evil.sh"]);
        folder.Git("config", "core.pager", folder["evil.sh"]);
        folder.Git("config", "gc.auto", "1");
        folder.Write(".gitattributes", "* filter=evil diff=evil\n");
        folder.Git("config", "filter.evil.clean", folder["evil.sh"]);
        folder.Git("config", "filter.evil.smudge", folder["evil.sh"]);
        folder.Git("config", "diff.evil.textconv", folder["evil.sh"]);
        folder.Git("config", "diff.evil.command", folder["evil.sh"]);
        foreach ((string name, string value) in ((string, string)[])[
            ("GIT_DIR", Path.Combine(folder.Home, "other")), ("GIT_WORK_TREE", "/"), ("GIT_INDEX_FILE", folder[".git/index"]), ("GIT_EXTERNAL_DIFF", folder["evil.sh"]),
            ("GIT_CONFIG_PARAMETERS", "'core.hooksPath=.git/hooks'"), ("GIT_TRACE", mark), ("GIT_OBJECT_DIRECTORY", folder.Home), ("GIT_EDITOR", folder["evil.sh"])])
        {
            folder.Variables[name] = value;
        }

        File.Delete(mark);
        string logs = string.Join('\n', Directory.EnumerateFiles(folder[".git/logs"], "*", SearchOption.AllDirectories).Order());
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "changed\n");
        Assert.Contains("+changed", Assert.Single(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).Diff, StringComparison.Ordinal);
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal("one\n", folder.Read("a.txt"));
        await new CheckpointClient(folder.Options).RemoveAsync(checkpoint.Id, Stop);
        Assert.False(File.Exists(mark), File.Exists(mark) ? File.ReadAllText(mark) : null);
        Assert.Equal(logs, string.Join('\n', Directory.EnumerateFiles(folder[".git/logs"], "*", SearchOption.AllDirectories).Order()));
    }

    [Fact]
    public async Task A_nested_repository_has_no_say_either_when_it_is_known_already()
    {
        using GitFolder folder = FolderShapes.Nested(FolderShapes.Committed());
        string mark = Path.Combine(folder.Home, "ran");
        Program(Path.Combine(folder.Home, "evil.sh"), mark);
        folder.Write("nested/.gitattributes", "* filter=evil\n");
        folder.GitIn(folder["nested"], "config", "filter.evil.clean", Path.Combine(folder.Home, "evil.sh"));
        folder.GitIn(folder["nested"], "config", "core.fsmonitor", Path.Combine(folder.Home, "evil.sh"));
        foreach (string content in (string[])["first", "second", "third"])
        {
            folder.Write("nested/inner.txt", content).Write("a.txt", content);
            AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
            Assert.Equal(["nested"], checkpoint.NotKept);
            Assert.Empty(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop));
        }

        Assert.False(File.Exists(mark), File.Exists(mark) ? File.ReadAllText(mark) : null);
    }

    [Fact]
    public async Task A_repository_with_a_work_tree_elsewhere_is_refused()
    {
        using GitFolder folder = FolderShapes.Committed();
        File.WriteAllText(Path.Combine(folder.Home, "private.txt"), "of the user");
        folder.Git("config", "core.worktree", folder.Home);
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => new CheckpointClient(folder.Options).CreateAsync(Stop));
        Assert.Equal((AmpErrorId.InvalidOption, nameof(AmpOptions.Checkpoint)), (error.ErrorId, error.OptionName));
        Assert.Contains($"'{folder.Home}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_root_is_found_above_the_folder_by_what_git_calls_the_path_to_it()
    {
        string root = Path.GetFullPath("/srv/site");
        string folder = Path.Combine(root, "src", "lib");
        Assert.Equal(root, WorkTree.Above(folder, "src/lib/"));
        Assert.Equal(root, WorkTree.Above(folder + Path.DirectorySeparatorChar, "src/lib/"));
        Assert.Equal(folder, WorkTree.Above(folder, string.Empty));

        // A work tree elsewhere has another path to the folder, or none.
        Assert.NotEqual(root, WorkTree.Above(folder, "site/src/lib/"));
        Assert.NotEqual(root, WorkTree.Above(folder, "lib/"));
        Assert.Null(WorkTree.Above(folder, "other/lib/"));
        Assert.Null(WorkTree.Above(folder, "a/b/srv/site/src/lib/"));
    }

    [Fact]
    public void Git_opens_long_paths_on_Windows_whatever_the_user_has_set()
    {
        IReadOnlyList<string> windows = PrivateRepository.UsualOptions(isWindows: true);
        IReadOnlyList<string> others = PrivateRepository.UsualOptions(isWindows: false);
        Assert.Equal([.. others, "-c", "core.longpaths=true"], windows);
        Assert.DoesNotContain("core.longpaths=true", others);
    }

    [Fact]
    public async Task A_damaged_checkpoint_does_not_hide_the_others_and_nothing_is_fetched_for_it()
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        string mark = Path.Combine(folder.Home, "ran");
        Program(Path.Combine(folder.Home, "evil.sh"), mark);
        folder.Git("config", "core.repositoryFormatVersion", "1");
        folder.Git("config", "extensions.partialClone", "origin");
        folder.Git("config", "remote.origin.promisor", "true");
        folder.Git("config", "remote.origin.url", folder.Root);
        folder.Git("config", "remote.origin.uploadPack", Path.Combine(folder.Home, "evil.sh"));
        folder.Write(".git/refs/amp/checkpoints/20260101-000000-abcdef", new string('1', 40) + "\n");
        Assert.Equal(checkpoint.Id, Assert.Single(await new CheckpointClient(folder.Options).ListAsync(Stop)).Id);
        Assert.Equal(checkpoint.Id, (await new CheckpointClient(folder.Options).GetAsync(checkpoint.Id, Stop)).Id);
        Assert.False(File.Exists(mark), File.Exists(mark) ? File.ReadAllText(mark) : null);
    }

    [Fact]
    public async Task A_checkpoint_needs_no_identity_of_the_user_and_is_one_of_its_own()
    {
        using GitFolder folder = FolderShapes.Committed();
        folder.Git("config", "user.useConfigOnly", "true");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal("Amp checkpoint <checkpoint@localhost>\n", folder.Git("log", "-1", "--format=%an <%ae>", $"refs/amp/checkpoints/{checkpoint.Id}"));
        folder.Git("fsck", "--strict");
    }

    [Fact]
    public async Task A_bare_repository_and_a_git_folder_are_refused()
    {
        using GitFolder folder = new(isRepository: false);
        folder.Git("init", "-q", "--bare", ".");
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => new CheckpointClient(folder.Options).CreateAsync(Stop));
        Assert.Equal((AmpErrorId.InvalidOption, nameof(AmpOptions.Checkpoint)), (error.ErrorId, error.OptionName));

        using GitFolder other = FolderShapes.Committed();
        other.WorkingDirectory = other[".git"];
        Assert.Equal(AmpErrorId.InvalidOption, (await Assert.ThrowsAsync<AmpValidationException>(() => new CheckpointClient(other.Options).CreateAsync(Stop))).ErrorId);
    }

    [Fact]
    public async Task Git_that_is_missing_is_named()
    {
        using GitFolder folder = FolderShapes.Committed();
        folder.Variables["PATH"] = folder.Home;
        AmpCliNotFoundException error = await Assert.ThrowsAsync<AmpCliNotFoundException>(() => new CheckpointClient(folder.Options).ListAsync(Stop));
        Assert.StartsWith("git was not found on PATH.", error.Message, StringComparison.Ordinal);

        // One of the project is none.
        Program(folder["bin/git"], folder["ran"]);
        folder.Variables["PATH"] = folder["bin"];
        await Assert.ThrowsAsync<AmpCliNotFoundException>(() => new CheckpointClient(folder.Options).ListAsync(Stop));
        Assert.False(File.Exists(folder["ran"]));
    }

    [Fact]
    public async Task No_program_of_the_search_path_comes_between_a_restore_and_git()
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        string mark = Path.Combine(folder.Home, "ran");
        string planted = Path.Combine(folder.Home, "planted");
        foreach (string name in (string[])["setsid", "perl"])
        {
            Program(Path.Combine(planted, name), mark);
        }

        folder.Variables["PATH"] = $"{planted}:{folder.Options.Environment!["PATH"]}";
        folder.Write("a.txt", "changed\n");
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal("one\n", folder.Read("a.txt"));
        Assert.False(File.Exists(mark), File.Exists(mark) ? File.ReadAllText(mark) : null);
    }

    [Fact]
    public async Task Git_that_never_ends_is_stopped_and_leaves_no_process_and_a_later_checkpoint_works()
    {
        using GitFolder folder = FolderShapes.Committed();
        string bin = Directory.CreateDirectory(Path.Combine(folder.Home, "bin")).FullName;
        string path = folder.Options.Environment!["PATH"]!;
        File.WriteAllText(Path.Combine(bin, "git"), $"#!/bin/sh\ncase \"$*\" in *' add -A'*) echo $$ > '{bin}/pid'; exec sleep 1000;; esac\nPATH='{path}' exec git \"$@\"\n");
        Executable(Path.Combine(bin, "git"));
        folder.Variables["PATH"] = $"{bin}:{path}";
        AmpTimeoutException late = await Assert.ThrowsAsync<AmpTimeoutException>(() => new CheckpointClient(folder.Options with { Timeout = TimeSpan.FromSeconds(3) }).CreateAsync(Stop));
        Assert.Equal((AmpErrorId.Timeout, "git add"), (late.ErrorId, late.Message[1..8]));
        Assert.False(Amp.Testing.ProcessProbe.IsRunning(int.Parse(File.ReadAllText(Path.Combine(bin, "pid")), null)));
        File.Delete(Path.Combine(bin, "pid"));

        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task<AmpCheckpoint> creating = new CheckpointClient(folder.Options).CreateAsync(cancel.Token);
        await Support.FakeRun.WaitForAsync(() => File.Exists(Path.Combine(bin, "pid")), "git");
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<AmpCanceledException>(() => creating);

        folder.Variables["PATH"] = path;
        Assert.NotNull(await new CheckpointClient(folder.Options).CreateAsync(Stop));
        Assert.Empty(Directory.GetFiles(Assert.Single(Directory.GetDirectories(folder.State)), "index-*"));
    }

    [Fact]
    public async Task Outside_a_repository_too_much_is_refused_with_size_limit_and_way_out()
    {
        using GitFolder folder = new GitFolder(isRepository: false).Write("large.bin", new byte[3000]).Write(".gitignore", "*.iso\n").Write("x.iso", new byte[100_000]);
        CheckpointStore store = await OpenAsync(folder, sizeLimit: 2000);
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => store.KeepAsync(CheckpointCause.Call, Stop));
        Assert.Contains("3,006 bytes in total", error.Message, StringComparison.Ordinal);
        Assert.Contains("is 2,000 bytes", error.Message, StringComparison.Ordinal);
        Assert.Matches(@"\.gitignore.*git init", error.RecommendedAction);
        store = await OpenAsync(folder, sizeLimit: 4000);
        Assert.Equal(2, (await store.KeepAsync(CheckpointCause.Call, Stop)).Files);

        // What is there already is not counted again.
        folder.Write("second.bin", new byte[3000]);
        Assert.Equal(3, (await store.KeepAsync(CheckpointCause.Call, Stop)).Files);
    }

    [Fact]
    public async Task Outside_a_repository_too_much_of_a_run_is_compared_and_restored_and_that_is_undone()
    {
        using GitFolder folder = new GitFolder(isRepository: false).Write("a.txt", "one");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "two").Write("large.bin", new byte[9000]);
        CheckpointStore store = await OpenAsync(folder, sizeLimit: 4000);
        Assert.Equal(AmpErrorId.InvalidOption, (await Assert.ThrowsAsync<AmpValidationException>(() => store.KeepAsync(null, Stop))).ErrorId);

        // To look at them does not lift the limit of the next run.
        KeptState now = await store.KeepAsync(CheckpointCause.Restore, Stop, isLook: true);
        Assert.Equal(["Changed a.txt", "Added large.bin"], (await store.CompareAsync(checkpoint.Start, now, [], Stop)).Select(difference => difference.ToString()));
        Assert.Equal(AmpErrorId.InvalidOption, (await Assert.ThrowsAsync<AmpValidationException>(() => store.KeepAsync(CheckpointCause.Run, Stop))).ErrorId);

        now = await store.KeepAsync(CheckpointCause.Restore, Stop);
        AmpCheckpoint undo = await store.RestoreAsync(checkpoint, await store.PlanAsync(checkpoint, now, null, force: false, null, Stop), now, Stop);
        Assert.Equal(("one", false), (folder.Read("a.txt"), File.Exists(folder["large.bin"])));

        now = await store.KeepAsync(CheckpointCause.Restore, Stop);
        await store.RestoreAsync(undo, await store.PlanAsync(undo, now, null, force: false, null, Stop), now, Stop);
        Assert.Equal(("two", 9000), (folder.Read("a.txt"), new FileInfo(folder["large.bin"]).Length));
    }

    [Fact]
    public async Task A_repository_of_another_owner_is_refused_until_the_user_trusts_it()
    {
        using GitFolder folder = FolderShapes.Committed();
        string path = folder.Options.Environment!["PATH"]!;

        // With this variable, Git takes every owner for another one. It has it for its own tests.
        folder.Variables["PATH"] = $"{GitFolder.Wrapper(folder.Home, path, "*) GIT_TEST_ASSUME_DIFFERENT_OWNER=1; export GIT_TEST_ASSUME_DIFFERENT_OWNER;;")}:{path}";
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => new CheckpointClient(folder.Options).CreateAsync(Stop));
        Assert.Equal(AmpErrorId.CheckpointFailed, error.ErrorId);
        Assert.Contains("safe.directory", error.StandardError, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(folder.Home, ".gitconfig"), "[safe]\n\tdirectory = *\n");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "changed\n");
        Assert.Contains("+changed", Assert.Single(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).Diff, StringComparison.Ordinal);
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal("one\n", folder.Read("a.txt"));
    }

    [Fact]
    public async Task Settings_in_variables_of_the_caller_hide_no_file()
    {
        using GitFolder folder = FolderShapes.Committed().Write("new.txt", "new");
        string ignored = Path.Combine(folder.Home, "ignored");
        File.WriteAllText(ignored, "new.txt\n");
        foreach ((string name, string value) in ((string, string)[])[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.excludesFile"), ("GIT_CONFIG_VALUE_0", ignored)])
        {
            folder.Variables[name] = value;
        }

        Assert.Equal(4, (await new CheckpointClient(folder.Options).CreateAsync(Stop)).Files);
    }

    [Fact]
    public async Task What_this_library_keeps_is_private_and_outside_of_the_folder()
    {
        using GitFolder folder = new GitFolder(isRepository: false).Write("a.txt", "one");
        await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(["a.txt"], folder.Files().Keys);
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, GitFolder.ModeOf(folder.State));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, GitFolder.ModeOf(Assert.Single(Directory.GetDirectories(folder.State))));

        // The home folder contains the state folder, which must not contain itself.
        using GitFolder home = new(isRepository: false);
        home.Write("a.txt", "one");
        home.Variables["XDG_STATE_HOME"] = home["state"];
        Assert.Equal(1, (await new CheckpointClient(home.Options).CreateAsync(Stop)).Files);
        Assert.Equal(1, (await new CheckpointClient(home.Options).CreateAsync(Stop)).Files);

        Directory.CreateDirectory(folder["open"]);
        folder.Variables["XDG_STATE_HOME"] = folder["open"];
        Directory.CreateDirectory(Path.Combine(folder["open"], "amp-sdk-dotnet", "checkpoints"));
        GitFolder.Mode(Path.Combine(folder["open"], "amp-sdk-dotnet", "checkpoints"), (UnixFileMode)0x1FF);
        Assert.Equal(AmpErrorId.CheckpointFailed, (await Assert.ThrowsAsync<AmpProcessException>(() => new CheckpointClient(folder.Options).CreateAsync(Stop))).ErrorId);
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_written_is_named_by_an_error_of_checkpoints()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "This user can write every folder.");
        using GitFolder folder = FolderShapes.Committed();
        await new CheckpointClient(folder.Options).CreateAsync(Stop);
        string own = Assert.Single(Directory.GetDirectories(folder.State));
        GitFolder.Mode(own, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Equal(AmpErrorId.CheckpointFailed, (await Assert.ThrowsAsync<AmpProcessException>(() => new CheckpointClient(folder.Options).CreateAsync(Stop))).ErrorId);
            CheckpointStore store = await OpenAsync(folder, CheckpointStore.DefaultSizeLimit);
            Assert.Equal(AmpErrorId.CheckpointFailed, Assert.Throws<AmpProcessException>(() => store.Enter(out _, out _)).ErrorId);
        }
        finally
        {
            GitFolder.Mode(own, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task Many_checkpoints_at_the_same_time_do_not_disturb_each_other()
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new CheckpointClient(folder.Options).CreateAsync(Stop)));
        Assert.Equal(8, all.Select(checkpoint => checkpoint.Id).Distinct().Count());
        Assert.Equal(all.Select(checkpoint => checkpoint.Id).Order(), (await new CheckpointClient(folder.Options).ListAsync(Stop)).Select(checkpoint => checkpoint.Id).Order());
        Assert.Empty(await new CheckpointClient(folder.Options).CompareAsync(all[0].Id, all[7].Id, Stop));
    }

    [Fact]
    public async Task A_checkpoint_waits_while_another_run_has_the_index()
    {
        using GitFolder folder = FolderShapes.Committed();
        await new CheckpointClient(folder.Options).CreateAsync(Stop);
        string own = Assert.Single(Directory.GetDirectories(folder.State));
        string path = Path.Combine(own, "index");
        byte[] index = await File.ReadAllBytesAsync(path, Stop);
        folder.Write("a.txt", "two");
        Task<AmpCheckpoint> waiting;
        using (LockFile.Take(Path.Combine(own, PrivateRepository.LockName)))
        {
            waiting = new CheckpointClient(folder.Options).CreateAsync(Stop);

            // Much longer than git takes for these files.
            await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromSeconds(2), Stop));
            Assert.False(waiting.IsCompleted);
            Assert.Equal(index, await File.ReadAllBytesAsync(path, Stop));
        }

        await waiting;
        Assert.NotEqual(index, await File.ReadAllBytesAsync(path, Stop));
    }

    [Fact]
    public async Task A_file_that_changes_within_the_resolution_of_its_time_is_seen()
    {
        using GitFolder folder = FolderShapes.Committed();
        for (int i = 0; i < 10; i++)
        {
            folder.Write("a.txt", $"{i}");
            DateTime written = File.GetLastWriteTimeUtc(folder["a.txt"]);
            AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
            folder.Write("a.txt", $"{(char)('a' + i)}");
            File.SetLastWriteTimeUtc(folder["a.txt"], written);
            Assert.Single(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop));
        }
    }

    private static Task<CheckpointStore> OpenAsync(GitFolder folder, long sizeLimit) => CheckpointStore.OpenAsync(
        GitLocator.Find(RunEnvironment.Build(folder.Options.Environment), folder.Root, TimeSpan.FromMinutes(3)), folder.Root, Stop, sizeLimit);

    private static void Program(string path, string mark)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\necho \"$0 $*\" >> '{mark}'\ncat\n");
        Executable(path);
    }

    private static void Executable(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The programs of this test are shell scripts.");
        GitFolder.Mode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
