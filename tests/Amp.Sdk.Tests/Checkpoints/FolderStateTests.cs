using System.Diagnostics;
using Amp.Checkpoints;
using Amp.Testing;

namespace Amp.Sdk.Tests.Checkpoints;

/// <summary>States of folders of every kind, kept and restored with real git, without a trace in the user's repository.</summary>
public sealed class FolderStateTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Shapes => FolderShapes.Names;

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_state_comes_back_byte_by_byte_and_its_restore_can_be_undone(string shape)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && shape.Contains("names", StringComparison.Ordinal), "Windows has no such names.");
        using GitFolder folder = FolderShapes.Make(shape);
        bool isRepository = Directory.Exists(folder[".git"]) || File.Exists(folder[".git"]);
        string facts = isRepository ? folder.Facts() : string.Empty;
        SortedDictionary<string, string> files = folder.Files();

        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(facts, isRepository ? folder.Facts() : string.Empty);
        Assert.Equal(files, folder.Files());
        Assert.Empty(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Null(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));

        FolderShapes.Harm(shape, folder);
        SortedDictionary<string, string> harmed = folder.Files();
        Assert.NotEqual(files, harmed);
        Assert.NotEmpty(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop));
        IReadOnlyList<FileDifference> preview = await new CheckpointClient(folder.Options).PreviewRestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.NotEmpty(preview);
        Assert.Equal(harmed, folder.Files());

        AmpCheckpoint? undo = await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal(files, folder.Files());
        Assert.Equal(facts, isRepository ? folder.Facts() : string.Empty);
        Assert.Equal((CheckpointCause.Restore, true), (undo!.Cause, undo.IsComplete));

        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(undo.Id, cancellationToken: Stop));
        Assert.Equal(harmed, folder.Files());
        Assert.Equal(3, (await new CheckpointClient(folder.Options).ListAsync(Stop)).Count);
        Assert.False(File.Exists(Path.Combine(folder.Home, "filter-ran")));
        string outside = Path.Combine(folder.Home, "outside", "b.txt");
        Assert.True(!File.Exists(outside) || File.ReadAllText(outside) == "of somebody else");
    }

    [Fact]
    public async Task What_is_ignored_is_neither_kept_nor_touched_and_what_is_tracked_is_kept_although_it_is_ignored()
    {
        using GitFolder folder = FolderShapes.Committed().Write(".gitignore", "*.log\nbuild/\n").Write("forced.log", "tracked").Write("free.log", "ignored").Write("build/out", "ignored");
        folder.Git("add", "-f", "forced.log");
        folder.Git("config", "core.excludesFile", Path.Combine(folder.Home, "mine"));
        File.WriteAllText(Path.Combine(folder.Home, "mine"), "*.mine\n");
        File.AppendAllText(folder[".git/info/exclude"], "*.excluded\n");
        folder.Write("x.mine", "1").Write("x.excluded", "1");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(["a.txt", "forced.log", ".gitignore", "sub/b.txt", "sub/c/d.txt"], Kept(folder, checkpoint).Order(StringComparer.InvariantCultureIgnoreCase).OrderBy(name => name.TrimStart('.')));
        Assert.Equal(5, checkpoint.Files);

        folder.Write("forced.log", "changed").Write("free.log", "changed").Write("build/out", "changed").Write("x.mine", "2").Write("x.excluded", "2");
        Assert.Equal("Changed forced.log", Assert.Single(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).ToString());
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal(("tracked", "changed", "changed", "2", "2"), (folder.Read("forced.log"), folder.Read("free.log"), folder.Read("build/out"), folder.Read("x.mine"), folder.Read("x.excluded")));
    }

    [Fact]
    public async Task An_ignored_file_in_the_way_is_kept_and_nothing_is_restored()
    {
        using GitFolder folder = FolderShapes.Committed().Write(".gitignore", "*.log\n");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        File.Delete(folder["a.txt"]);
        folder.Write("a.txt/kept.log", "ignored").Write("sub/b.txt", "changed");
        AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(() => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, force: true, cancellationToken: Stop));
        Assert.Equal(AmpErrorId.CheckpointConflict, error.ErrorId);
        Assert.Equal(["a.txt/kept.log"], error.Files);
        Assert.Equal(("ignored", "changed"), (folder.Read("a.txt/kept.log"), folder.Read("sub/b.txt")));

        // Others can still be restored by their paths.
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, ["sub"], cancellationToken: Stop));
        Assert.Equal(("ignored", "two\n"), (folder.Read("a.txt/kept.log"), folder.Read("sub/b.txt")));
    }

    [Fact]
    public async Task A_nested_repository_is_named_and_never_touched()
    {
        using GitFolder folder = FolderShapes.Nested(FolderShapes.Committed());
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(["nested"], checkpoint.NotKept);
        folder.Write("nested/inner.txt", "changed").Write("a.txt", "changed");
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(("one\n", "changed"), (folder.Read("a.txt"), folder.Read("nested/inner.txt")));

        Directory.CreateDirectory(folder["empty"]);
        folder.GitIn(folder["empty"], "init", "-q");
        folder.Write("empty/inner.txt", "of a repository without a commit");
        checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(["empty/", "nested"], checkpoint.NotKept);
    }

    [Fact]
    public async Task A_submodule_is_named_and_never_touched_and_has_checkpoints_of_its_own()
    {
        using GitFolder source = FolderShapes.Committed();
        using GitFolder folder = FolderShapes.Committed();
        folder.Git("-c", "protocol.file.allow=always", "submodule", "add", "-q", source.Root, "lib");
        folder.Commit();
        string facts = folder.Facts();
        CheckpointClient whole = new(folder.Options);
        AmpCheckpoint checkpoint = await whole.CreateAsync(Stop);
        Assert.Equal(["lib"], checkpoint.NotKept);
        Assert.Equal(4, checkpoint.Files);
        folder.Write("lib/a.txt", "changed").Write("a.txt", "changed");
        Assert.Equal("Changed a.txt", Assert.Single(await whole.CompareAsync(checkpoint.Id, cancellationToken: Stop)).ToString());
        Assert.NotNull(await whole.RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(("one\n", "changed"), (folder.Read("a.txt"), folder.Read("lib/a.txt")));

        folder.Write("lib/a.txt", "one\n");
        Assert.Equal(facts, folder.Facts());

        // As the working folder, it is a repository like any other.
        folder.WorkingDirectory = folder["lib"];
        CheckpointClient part = new(folder.Options);
        AmpCheckpoint own = await part.CreateAsync(Stop);
        Assert.Equal((folder["lib"], 3), (own.Folder, own.Files));
        folder.Write("lib/a.txt", "changed").Write("a.txt", "of the user");
        Assert.NotNull(await part.RestoreAsync(own.Id, cancellationToken: Stop));
        Assert.Equal(("one\n", "of the user"), (folder.Read("lib/a.txt"), folder.Read("a.txt")));
        Assert.DoesNotContain(own.Id, (await whole.ListAsync(Stop)).Select(listed => listed.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_new_repository_replaced_is_a_difference_and_is_not_restored_into_it(bool hasCommit)
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        File.Delete(folder["a.txt"]);
        Directory.Delete(folder["sub"], recursive: true);
        foreach (string name in (string[])["a.txt", "sub"])
        {
            Directory.CreateDirectory(folder[name]);
            folder.GitIn(folder[name], "init", "-q");
            if (hasCommit)
            {
                folder.GitIn(folder[name], "-c", "user.name=T", "-c", "user.email=t@localhost", "commit", "-q", "--allow-empty", "-m", "inner");
            }
        }

        folder.Write("new.txt", "new");
        string[] gone = ["a.txt", "sub/b.txt", "sub/c/d.txt"];
        for (int time = 0; time < 2; time++)
        {
            // Git sees the repositories only when the files in their places have left the index.
            IReadOnlyList<FileDifference> differences = await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop);
            Assert.Equal(gone, differences.Select(difference => difference.Path).Intersect(gone));
            Assert.Contains("Added new.txt", differences.Select(difference => difference.ToString()));
        }

        foreach (bool force in (bool[])[false, true])
        {
            AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(() => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, force: force, cancellationToken: Stop));
            Assert.Equal((AmpErrorId.CheckpointConflict, checkpoint.Id), (error.ErrorId, error.CheckpointId));
            Assert.Equal(gone, error.Files);
            Assert.True(File.Exists(folder["new.txt"]));
        }

        // A later checkpoint has the same differences, and other files can be restored.
        AmpCheckpoint later = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(["a.txt", "sub"], later.NotKept.Select(path => path.TrimEnd('/')));
        Assert.Equal(gone, (await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, later.Id, Stop)).Select(difference => difference.Path).Intersect(gone));
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, ["new.txt"], cancellationToken: Stop));
        Assert.False(File.Exists(folder["new.txt"]));
        Directory.Move(folder["a.txt"], Path.Combine(folder.Home, "moved a"));
        Directory.Move(folder["sub"], Path.Combine(folder.Home, "moved sub"));
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(("one\n", "two\n"), (folder.Read("a.txt"), folder.Read("sub/b.txt")));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named_and_never_touched()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "This user can read every file.");
        using GitFolder folder = FolderShapes.Committed().Write("closed.txt", "closed").Write("closed/below.txt", "closed");
        GitFolder.Mode(folder["closed.txt"], UnixFileMode.None);
        GitFolder.Mode(folder["closed"], UnixFileMode.None);
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(["closed.txt", "closed/"], checkpoint.NotKept);
        GitFolder.Mode(folder["closed.txt"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        GitFolder.Mode(folder["closed"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Null(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(("closed", "closed"), (folder.Read("closed.txt"), folder.Read("closed/below.txt")));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_anymore_is_a_conflict_and_never_touched()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such files.");
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("sub/b.txt", "changed");

        // Nobody can read it as a file, not even root.
        File.Delete(folder["a.txt"]);
        using Process made = Process.Start("mkfifo", [folder["a.txt"]]);
        await made.WaitForExitAsync(Stop);
        Assert.Equal("Changed sub/b.txt", Assert.Single(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).ToString());
        List<string[]?> choices = [null, [folder.Root], ["a.txt", "sub"]];
        foreach (string[]? paths in choices)
        {
            AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(() => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, paths, cancellationToken: Stop));
            Assert.Equal((AmpErrorId.CheckpointConflict, checkpoint.Id), (error.ErrorId, error.CheckpointId));
            Assert.Equal(["a.txt"], error.Files);
        }

        Assert.Equal("changed", folder.Read("sub/b.txt"));

        // Other files can be restored, by their paths or by force.
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, ["sub"], cancellationToken: Stop));
        Assert.Equal("two\n", folder.Read("sub/b.txt"));
        folder.Write("sub/b.txt", "changed again");
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, force: true, cancellationToken: Stop));
        Assert.Equal("two\n", folder.Read("sub/b.txt"));
        Assert.Null(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, ["a.txt"], force: true, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_read_is_in_the_way_as_a_whole()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "This user can read every folder.");
        using GitFolder folder = FolderShapes.Committed().Write(".gitignore", "cache/\n");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        File.Delete(folder["a.txt"]);
        folder.Write("a.txt/cache/x", "ignored").Write("sub/b.txt", "changed");
        GitFolder.Mode(folder["a.txt/cache"], UnixFileMode.None);
        try
        {
            AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(() => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, force: true, cancellationToken: Stop));
            Assert.Equal(AmpErrorId.CheckpointConflict, error.ErrorId);
            Assert.Equal(["a.txt/cache/"], error.Files);
            Assert.Equal("changed", folder.Read("sub/b.txt"));
        }
        finally
        {
            GitFolder.Mode(folder["a.txt/cache"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_whose_name_changes_only_in_its_case_is_never_lost(bool isRepository)
    {
        using GitFolder folder = new GitFolder(isRepository).Write("Readme.md", "text");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        File.Move(folder["Readme.md"], folder["readme.md"]);
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal("text", folder.Read("Readme.md"));
    }

    [Fact]
    public async Task Names_in_two_cases_are_two_files_where_the_file_system_has_both()
    {
        using GitFolder folder = new GitFolder(isRepository: false).Write("name", "one").Write("NAME", "two");
        Assert.SkipUnless(Directory.GetFiles(folder.Root).Length == 2, "The file system of this folder has no such names.");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("NAME", "changed");
        File.Delete(folder["name"]);
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal((2, "one", "two"), (checkpoint.Files, folder.Read("name"), folder.Read("NAME")));
    }

    [Fact]
    public async Task A_folder_below_the_root_has_the_whole_work_tree_and_one_that_is_ignored_has_itself()
    {
        using GitFolder folder = FolderShapes.Committed();
        folder.WorkingDirectory = folder["sub"];
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal((folder.Root, 3), (checkpoint.Folder, checkpoint.Files));
        folder.Write("a.txt", "changed");
        Assert.Equal(folder["a.txt"], Assert.Single(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).FullName);

        folder.Write(".gitignore", "scratch/\n").Write("scratch/x.txt", "1");
        folder.WorkingDirectory = folder["scratch"];
        checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal((folder["scratch"], 1), (checkpoint.Folder, checkpoint.Files));
        folder.Write("scratch/x.txt", "2");
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal("1", folder.Read("scratch/x.txt"));
    }

    [Fact]
    public async Task An_ignored_folder_has_itself_when_git_could_take_its_name_for_a_pattern()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        using GitFolder folder = FolderShapes.Committed().Write(".gitignore", "/:(x)/\n").Write(":(x)/in/x.txt", "1");
        folder.WorkingDirectory = folder[":(x)/in"];
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal((folder[":(x)/in"], 1), (checkpoint.Folder, checkpoint.Files));
    }

    [Fact]
    public async Task An_ignored_folder_has_itself_when_its_path_is_typed_in_another_case()
    {
        Assert.SkipWhen(OperatingSystem.IsLinux(), "Names in two cases are two folders.");
        using GitFolder folder = FolderShapes.Committed().Write(".gitignore", "/scratch/\n").Write("scratch/x.txt", "1");
        folder.WorkingDirectory = Path.Combine(folder.Home, "WORK", "SCRATCH");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(("scratch", 1), (Path.GetFileName(checkpoint.Folder), checkpoint.Files));
    }

    [Theory]
    [InlineData("build", true)]
    [InlineData("build/in", true)]
    [InlineData("", false)]
    [InlineData("../site2", false)]
    [InlineData("..", false)]
    public void A_folder_is_below_its_root_in_the_case_of_the_root_and_where_case_is_ignored_in_any(string path, bool isBelow)
    {
        string root = Path.GetFullPath("/Work/Site");
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, root));
        Assert.Equal(isBelow, WorkTree.IsBelow(folder, root, StringComparison.Ordinal));
        Assert.Equal(isBelow, WorkTree.IsBelow(folder.ToUpperInvariant(), root, StringComparison.OrdinalIgnoreCase));
        Assert.False(WorkTree.IsBelow(folder.ToUpperInvariant(), root, StringComparison.Ordinal));
    }

    [Fact]
    public void The_root_of_a_drive_has_folders_below_it()
    {
        Assert.True(WorkTree.IsBelow(@"Z:\build", @"Z:\", StringComparison.OrdinalIgnoreCase));
        Assert.False(WorkTree.IsBelow(@"Z:\", @"Z:\", StringComparison.OrdinalIgnoreCase));
        Assert.True(WorkTree.IsBelow("/srv", "/", StringComparison.Ordinal));
        Assert.False(WorkTree.IsBelow("/", "/", StringComparison.Ordinal));
    }

    private static string[] Kept(GitFolder folder, AmpCheckpoint checkpoint) =>
        folder.Git("ls-tree", "-r", "--name-only", $"refs/amp/checkpoints/{checkpoint.Id}").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
