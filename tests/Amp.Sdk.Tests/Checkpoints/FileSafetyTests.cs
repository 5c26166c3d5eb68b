using System.Diagnostics;
using Amp.Checkpoints;

namespace Amp.Sdk.Tests.Checkpoints;

/// <summary>Files that must survive, whatever happened to the folder, to its repository and to git in the meantime.</summary>
public sealed class FileSafetyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_that_was_ignored_is_not_deleted_after_its_rule_was_removed()
    {
        using GitFolder folder = FolderShapes.Committed().Write(".gitignore", ".env\nbuild/\n*.log\n").Write(".env", "secret").Write("build/out", "built").Write("logs/x.log", "log").Commit();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write(".gitignore", string.Empty).Write("a.txt", "changed").Write("logs/new.txt", "of the agent");
        Assert.Equal(["Changed .gitignore", "Changed a.txt", "Added logs/new.txt"], (await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).Select(difference => difference.ToString()));
        AmpCheckpoint? undo = await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal(("secret", "built", "log", "one\n"), (folder.Read(".env"), folder.Read("build/out"), folder.Read("logs/x.log"), folder.Read("a.txt")));
        Assert.False(File.Exists(folder["logs/new.txt"]));

        await new CheckpointClient(folder.Options).RestoreAsync(undo!.Id, cancellationToken: Stop);
        Assert.Equal(("secret", "built", "log", "changed", "of the agent"), (folder.Read(".env"), folder.Read("build/out"), folder.Read("logs/x.log"), folder.Read("a.txt"), folder.Read("logs/new.txt")));
    }

    [Fact]
    public async Task A_file_that_is_ignored_later_is_not_kept_anymore()
    {
        using GitFolder folder = FolderShapes.Committed().Write("settings.ini", "harmless");
        AmpCheckpoint first = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(4, first.Files);
        folder.Write(".gitignore", "settings.ini\n").Write("settings.ini", "secret").Write("sub/b.txt", "changed");
        AmpCheckpoint second = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(".gitignore\na.txt\nsub/b.txt\nsub/c/d.txt\n", folder.Git("ls-tree", "-r", "--name-only", $"refs/amp/checkpoints/{second.Id}"));
        AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(() => new CheckpointClient(folder.Options).RestoreAsync(first.Id, cancellationToken: Stop));
        Assert.Equal(["settings.ini"], error.Files);
        folder.Write("sub/b.txt", "changed again");
        await new CheckpointClient(folder.Options).RestoreAsync(second.Id, cancellationToken: Stop);
        Assert.Equal(("secret", "changed"), (folder.Read("settings.ini"), folder.Read("sub/b.txt")));
    }

    [Fact]
    public async Task Objects_without_a_name_that_git_cleaned_up_are_kept_again()
    {
        using GitFolder folder = new GitFolder().Write("a.txt", "one").Write(".gitignore", "*.log\n").Write("forced.log", "tracked");
        folder.Git("add", "-f", "forced.log");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "two").Write("sub/b.txt", "new");
        foreach (string name in (string[])["a.txt", "sub/b.txt"])
        {
            // Git reads a file again that may have changed after its index was written.
            File.SetLastWriteTimeUtc(folder[name], DateTime.UtcNow.AddHours(-1));
        }

        Assert.NotEmpty(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop));
        folder.Git("gc", "--quiet", "--prune=now");
        AmpCheckpoint later = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(checkpoint.Files + 1, later.Files);
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal("one", folder.Read("a.txt"));
        Assert.False(File.Exists(folder["sub/b.txt"]));
        await new CheckpointClient(folder.Options).RestoreAsync(later.Id, cancellationToken: Stop);
        Assert.Equal(("two", "new"), (folder.Read("a.txt"), folder.Read("sub/b.txt")));
    }

    [Fact]
    public async Task A_folder_that_becomes_a_repository_goes_on_and_its_earlier_checkpoint_is_not_lost()
    {
        using GitFolder folder = new GitFolder(isRepository: false).Write("a.txt", "one");
        AmpCheckpoint earlier = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Git("init", "-q");
        AmpCheckpoint later = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "two");
        await new CheckpointClient(folder.Options).RestoreAsync(later.Id, cancellationToken: Stop);
        Assert.Equal("one", folder.Read("a.txt"));
        folder.Git("fsck", "--strict");

        AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(() => new CheckpointClient(folder.Options).RestoreAsync(earlier.Id, cancellationToken: Stop));
        Assert.Equal(AmpErrorId.CheckpointNotFound, error.ErrorId);
        Assert.Contains("move the .git folder", error.RecommendedAction, StringComparison.Ordinal);
        Directory.Move(folder[".git"], Path.Combine(folder.Home, "moved"));
        folder.Write("a.txt", "three");
        await new CheckpointClient(folder.Options).RestoreAsync(earlier.Id, cancellationToken: Stop);
        Assert.Equal("one", folder.Read("a.txt"));
    }

    [Fact]
    public async Task Files_that_git_does_not_add_are_named_and_the_others_are_kept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        using GitFolder folder = FolderShapes.Committed().Write(".gitignore", "*.log\n").Write("forced.log", "tracked").Write("other.log", "tracked");
        folder.Git("add", "-f", "forced.log", "other.log");
        await new CheckpointClient(folder.Options).CreateAsync(Stop);
        foreach (string name in (string[])["a.txt", "other.log"])
        {
            File.Delete(folder[name]);
            using Process made = Process.Start("mkfifo", [folder[name]]);
            await made.WaitForExitAsync(Stop);
        }

        folder.Write("git~1", "no name for Windows").Write("sub/b.txt", "kept");
        Directory.Delete(folder.State, recursive: true);
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(["git~1", "other.log"], checkpoint.NotKept);
        Assert.Contains("forced.log\nsub/b.txt\n", folder.Git("ls-tree", "-r", "--name-only", $"refs/amp/checkpoints/{checkpoint.Id}"), StringComparison.Ordinal);
        folder.Write("sub/b.txt", "changed");
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(("kept", "no name for Windows"), (folder.Read("sub/b.txt"), folder.Read("git~1")));
    }

    [Fact]
    public async Task A_kept_file_that_is_none_anymore_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        using GitFolder folder = FolderShapes.Committed();
        await new CheckpointClient(folder.Options).CreateAsync(Stop);
        File.Delete(folder["a.txt"]);
        using Process made = Process.Start("mkfifo", [folder["a.txt"]]);
        await made.WaitForExitAsync(Stop);
        Assert.Equal(["a.txt"], (await new CheckpointClient(folder.Options).CreateAsync(Stop)).NotKept);
    }

    [Fact]
    public void Messages_about_files_are_told_from_failures()
    {
        Assert.Equal(["a\nb", "c"], KeptState.NamedIn("error: open(\"a\nb\"): Permission denied\nerror: unable to index file 'a\nb'\nerror: invalid path 'c'\nerror: unable to add 'c' to index\n")!.Value.Unreadable);
        Assert.Equal(["a/"], KeptState.NamedIn("error: 'a/' does not have a commit checked out\n")!.Value.Repositories);
        Assert.Empty(KeptState.NamedIn("warning: something else\n")!.Value.Unreadable);
        Assert.False(KeptState.NamedIn("error: open(\"a\"): Permission denied\nerror: insufficient permission for adding an object to repository database .git/objects\n").HasValue);
        Assert.False(KeptState.NamedIn("fatal: unable to write new index file\n").HasValue);
    }

    [Theory]
    [InlineData("open(\"x\")\nerror: unable to stat 'sub': y")]
    [InlineData("open(\"x\")\nerror: unable to stat 'gone.txt': y")]
    [InlineData("'sub' does not have a commit checked out")]
    public async Task A_file_name_that_looks_like_messages_of_git_hides_nothing(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        using GitFolder folder = FolderShapes.Committed().Write(name, "of the agent").Write("gone.txt", "gone");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);

        // Git names what it cannot add. The empty folder makes no repository of the other one.
        File.Delete(folder[name]);
        using Process made = Process.Start("mkfifo", [folder[name]]);
        await made.WaitForExitAsync(Stop);
        Directory.CreateDirectory(folder["sub/.git"]);
        folder.Write("sub/b.txt", "changed");
        File.Delete(folder["gone.txt"]);
        Assert.Equal(["Deleted gone.txt", "Changed sub/b.txt"], (await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).Select(difference => difference.ToString()));
        AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(() => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(AmpErrorId.CheckpointConflict, error.ErrorId);
        Assert.NotEmpty(error.Files);

        // A later checkpoint contains them too.
        AmpCheckpoint later = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.DoesNotContain("sub", later.NotKept);
        folder.Write("sub/b.txt", "changed again").Write("gone.txt", "new");
        Assert.Equal(["Added gone.txt", "Changed sub/b.txt"], (await new CheckpointClient(folder.Options).CompareAsync(later.Id, cancellationToken: Stop)).Select(difference => difference.ToString()));
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, force: true, cancellationToken: Stop));
        Assert.Equal(("two\n", "gone"), (folder.Read("sub/b.txt"), folder.Read("gone.txt")));
    }

    [Theory]
    [InlineData("held.txt", "held.txt")]
    [InlineData(@"held\351.txt", "held\uFFFD.txt")]
    public async Task A_file_that_only_git_cannot_add_survives_each_restore(string name, string shown)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || name == shown, "Only file systems of Linux have names that are not UTF-8.");
        using GitFolder folder = FolderShapes.Committed();
        string failing = Path.Combine(folder.Home, "failing");
        folder.Variables["PATH"] = Wrapper(
            folder, $"*' add -A '*) if [ -e '{failing}' ]; then git \"$@\" ':(exclude)held*'; printf 'error: open(\"{name}\"): Filename too long\\n' >&2; exit 1; fi;;");
        await File.WriteAllTextAsync(failing, string.Empty, Stop);
        using Process made = Process.Start("sh", ["-c", "printf one > \"$1/$(printf \"$2\")\"", "sh", folder.Root, name]);
        await made.WaitForExitAsync(Stop);
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal([shown], checkpoint.NotKept);
        for (int time = 0; time < 2; time++)
        {
            // The first time, git cannot add it either.
            folder.Write("a.txt", "changed");
            Assert.Equal("Changed a.txt", Assert.Single(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).ToString());
            Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
            Assert.Equal("one\n", folder.Read("a.txt"));
            Assert.Equal([shown], Directory.GetFiles(folder.Root, "held*").Select(Path.GetFileName));
            File.Delete(failing);
        }
    }

    [Fact]
    public async Task What_was_deleted_is_a_difference_although_git_could_not_read_its_folder()
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Variables["PATH"] = Wrapper(folder, "*' add -A '*) git \"$@\"; printf 'error: unable to stat '\\''sub'\\'': Input/output error\\n' >&2; exit 1;;");
        Directory.Delete(folder["sub"], recursive: true);
        Directory.CreateDirectory(folder["sub"]);
        Assert.Equal(["Deleted sub/b.txt", "Deleted sub/c/d.txt"], (await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).Select(difference => difference.ToString()));
    }

    [Fact]
    public async Task A_file_whose_place_an_ignored_folder_took_is_deleted()
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        File.Delete(folder["a.txt"]);
        folder.Write("a.txt/inside", "of the agent");
        File.AppendAllText(folder[".git/info/exclude"], "/a.txt/\n");
        for (int time = 0; time < 2; time++)
        {
            // The index of the second time does not contain the file anymore.
            Assert.Equal("Deleted a.txt", Assert.Single(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).ToString());
        }
    }

    [Fact]
    public void A_name_with_line_breaks_is_shown_in_one_line()
    {
        string shown = KeptState.Shown(["a\nWARNING: Nothing else was changed.", "b\u001b[2K\r"]);
        Assert.DoesNotContain("\n", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", shown, StringComparison.Ordinal);
        Assert.Contains("a\\u000aWARNING", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_that_left_files_says_so_and_its_advice_works()
    {
        using GitFolder folder = FolderShapes.Committed().Write("private.txt", "one");
        GitFolder.Mode(folder["private.txt"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("private.txt", "two");
        string path = folder.Options.Environment!["PATH"]!;
        folder.Variables["PATH"] = Wrapper(folder, "*' read-tree '*) echo \"warning: unable to unlink 'x': Permission denied\" >&2;;");
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(AmpErrorId.CheckpointFailed, error.ErrorId);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, GitFolder.ModeOf(folder["private.txt"]));

        folder.Variables["PATH"] = path;
        AmpCheckpoint undo = (await new CheckpointClient(folder.Options).ListAsync(Stop))[0];
        Assert.Contains($"'{undo.Id}' by force", error.RecommendedAction, StringComparison.Ordinal);
        await new CheckpointClient(folder.Options).RestoreAsync(undo.Id, force: true, cancellationToken: Stop);
        Assert.Equal("two", folder.Read("private.txt"));
    }

    [Fact]
    public async Task A_restore_that_was_refused_changes_no_mode()
    {
        using GitFolder folder = FolderShapes.Committed().Write("key", "secret");
        GitFolder.Mode(folder["key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        GitFolder.Mode(folder["key"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        folder.Variables["PATH"] = Wrapper(folder, "*' read-tree '*) echo 'error: refused on purpose' >&2; exit 128;;");
        await Assert.ThrowsAsync<AmpProcessException>(() => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, GitFolder.ModeOf(folder["key"]));
    }

    [Fact]
    public async Task A_restore_is_not_stopped_halfway_by_the_time_limit()
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "two");
        folder.Variables["PATH"] = Wrapper(folder, "*' read-tree -m '*) sleep 12;;");
        Assert.NotNull(await new CheckpointClient(folder.Options with { Timeout = TimeSpan.FromSeconds(10) }).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal("one\n", folder.Read("a.txt"));
    }

    [Fact]
    public async Task A_private_file_stays_private_when_only_its_execution_was_allowed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        using GitFolder folder = FolderShapes.Committed().Write("key", "secret").Write("run", "secret");
        GitFolder.Mode(folder["key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        GitFolder.Mode(folder["run"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        GitFolder.Mode(folder["key"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        GitFolder.Mode(folder["run"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, GitFolder.ModeOf(folder["key"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, GitFolder.ModeOf(folder["run"]));
    }

    [Fact]
    public async Task A_private_file_that_was_renamed_deleted_or_written_anew_is_private_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        const UnixFileMode OfFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        const UnixFileMode OfProgram = OfFile | UnixFileMode.UserExecute;
        using GitFolder folder = FolderShapes.Committed().Write(".env", "secret").Write("gone", "secret").Write("anew", "secret").Write("keys/run", "secret").Write("open", "open");
        UnixFileMode? usual = GitFolder.ModeOf(folder["open"]);
        foreach (string name in (string[])[".env", "gone", "anew"])
        {
            GitFolder.Mode(folder[name], OfFile);
        }

        GitFolder.Mode(folder["keys/run"], OfProgram);
        GitFolder.Mode(folder["keys"], OfProgram);
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        File.Move(folder[".env"], folder[".env.bak"]);
        Directory.Delete(folder["keys"], recursive: true);
        foreach (string name in (string[])["gone", "anew", "open"])
        {
            File.Delete(folder[name]);
        }

        folder.Write("anew", "of the agent");
        AmpCheckpoint? undo = await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal(("secret", "secret"), (folder.Read(".env"), folder.Read("anew")));
        Assert.Equal([OfFile, OfFile, OfFile, OfProgram, OfProgram, usual], new[] { ".env", "gone", "anew", "keys", "keys/run", "open" }.Select(name => GitFolder.ModeOf(folder[name])));

        // What the agent made of it was private too.
        await new CheckpointClient(folder.Options).RestoreAsync(undo!.Id, cancellationToken: Stop);
        Assert.Equal(OfFile, GitFolder.ModeOf(folder[".env.bak"]));
    }

    [Fact]
    public void Too_many_private_files_are_all_files()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        using GitFolder folder = new GitFolder(isRepository: false).Write("key", "secret");
        GitFolder.Mode(folder["key"], UnixFileMode.UserRead);
        const UnixFileMode Usual = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        Assert.Equal(["key"], RestoredModes.FindPrivate(folder.Root, ["key", "gone"], Usual));
        Assert.Equal(["/"], RestoredModes.FindPrivate(folder.Root, [.. Enumerable.Repeat("key", 10_000)], Usual));
        Assert.Equal(["key"], RestoredModes.FindPrivate(folder.Root, ["key"], UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task A_file_that_was_moved_to_a_folder_that_was_ignored_is_gone_from_its_place()
    {
        using GitFolder folder = FolderShapes.Committed().Write(".gitignore", "build/\n").Write("build/out", "built").Write("list.txt", "1\n2\n3\n").Commit();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write(".gitignore", string.Empty);
        File.Move(folder["list.txt"], folder["build/list.txt"]);
        IReadOnlyList<FileDifference> differences = await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal(["Changed .gitignore", "Deleted list.txt"], differences.Select(difference => difference.ToString()));
        Assert.Equal((0, 3), (differences[1].LinesAdded, differences[1].LinesRemoved));
        Assert.Contains("-1\n-2\n-3\n", differences[1].Diff, StringComparison.Ordinal);
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal(("1\n2\n3\n", "1\n2\n3\n"), (folder.Read("list.txt"), folder.Read("build/list.txt")));
    }

    [Fact]
    public async Task A_copy_of_a_file_that_is_ignored_later_is_new()
    {
        using GitFolder folder = FolderShapes.Committed().Write("settings.ini", "harmless");
        AmpCheckpoint first = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write(".gitignore", "settings.ini\n");
        File.Copy(folder["settings.ini"], folder["copy.ini"]);
        AmpCheckpoint second = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(["Added .gitignore", "Added copy.ini"], (await new CheckpointClient(folder.Options).CompareAsync(first.Id, second.Id, Stop)).Select(difference => difference.ToString()));
    }

    private static string Wrapper(GitFolder folder, string cases)
    {
        string path = folder.Options.Environment!["PATH"]!;
        return $"{GitFolder.Wrapper(folder.Home, path, cases)}:{path}";
    }
}
