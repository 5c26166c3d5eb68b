using Amp.Files;

namespace Amp.Sdk.Tests.Checkpoints;

/// <summary>Lists, differences, restores by paths, and what is refused.</summary>
public sealed class CheckpointTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Differences_tell_what_happened_to_each_file()
    {
        using GitFolder folder = FolderShapes.Committed().Write("long.txt", string.Concat(Enumerable.Range(0, 50).Select(i => $"line {i}\n"))).Write("bin", [0, 1, 2]).Write("tool", "x").Write("gone.txt", "1\n2\n");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        File.Move(folder["long.txt"], folder["moved.txt"]);
        File.AppendAllText(folder["moved.txt"], "one more\n");
        File.Delete(folder["gone.txt"]);
        folder.Write("a.txt", "one\ntwo\nthree\n").Write("bin", [0, 3]).Write("new.txt", "n\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder["tool"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        IReadOnlyList<FileDifference> all = await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal(["Changed a.txt", "Changed bin", "Deleted gone.txt", "Renamed long.txt -> moved.txt", "Added new.txt", "ModeChanged tool"], all.Select(difference => difference.ToString()));
        Assert.Equal([(2, 0), (null, null), (0, 2), (1, 0), (1, 0), (0, 0)], all.Select(difference => (difference.LinesAdded, difference.LinesRemoved)));
        Assert.Equal([false, true, false, false, false, false], all.Select(difference => difference.IsBinary));
        Assert.Equal(("100755", "100644"), (all[5].Mode, all[5].PreviousMode));
        Assert.Equal((null, "100644"), (all[2].Mode, all[2].PreviousMode));
        Assert.Equal(("long.txt", folder["moved.txt"]), (all[3].PreviousPath, all[3].FullName));
        Assert.Contains("+two\n+three\n", all[0].Diff, StringComparison.Ordinal);
        Assert.Contains("rename from long.txt", all[3].Diff, StringComparison.Ordinal);
        Assert.Contains("Binary files", all[1].Diff, StringComparison.Ordinal);
        Assert.Contains("new mode 100755", all[5].Diff, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_huge_diff_is_cut_and_says_so_and_one_of_a_removed_checkpoint_is_null()
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", string.Concat(Enumerable.Repeat("0123456789\n", 100_000)));
        FileDifference difference = Assert.Single(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.EndsWith("\n… (cut after 256 KiB)", difference.Diff, StringComparison.Ordinal);
        Assert.True(difference.Diff!.Length < 300_000);
        difference = Assert.Single(await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop));
        Directory.Delete(folder[".git"], recursive: true);
        Assert.Null(difference.Diff);
    }

    [Fact]
    public async Task Checkpoints_are_listed_newest_first_and_removed_one_by_one()
    {
        using GitFolder folder = FolderShapes.Committed();
        Assert.Empty(await new CheckpointClient(folder.Options).ListAsync(Stop));
        AmpCheckpoint first = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        AmpCheckpoint second = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal([second.Id, first.Id], (await new CheckpointClient(folder.Options).ListAsync(Stop)).Select(checkpoint => checkpoint.Id));
        AmpCheckpoint again = await new CheckpointClient(folder.Options).GetAsync(first.Id, Stop);
        Assert.Equal((first.Id, first.Time, first.Cause, first.Folder, first.Files), (again.Id, again.Time, again.Cause, again.Folder, again.Files));
        await new CheckpointClient(folder.Options).RemoveAsync(first.Id, Stop);
        Assert.Equal(second.Id, Assert.Single(await new CheckpointClient(folder.Options).ListAsync(Stop)).Id);
        Assert.Equal($"refs/amp/checkpoints/{second.Id}\n", folder.Git("for-each-ref", "--format=%(refname)", "refs/amp"));
    }

    [Theory]
    [InlineData("20260101-000000-abcdef")]
    [InlineData("")]
    [InlineData("--exec=x")]
    [InlineData("../../heads/main")]
    [InlineData("*")]
    public async Task An_unknown_ID_is_refused_and_is_never_a_pattern_or_an_option(string id)
    {
        using GitFolder folder = FolderShapes.Committed();
        await new CheckpointClient(folder.Options).CreateAsync(Stop);
        AmpCheckpointException error = await Assert.ThrowsAsync<AmpCheckpointException>(() => new CheckpointClient(folder.Options).RestoreAsync(id, cancellationToken: Stop));
        Assert.Equal((AmpErrorId.CheckpointNotFound, id), (error.ErrorId, error.CheckpointId));
        await Assert.ThrowsAsync<AmpCheckpointException>(() => new CheckpointClient(folder.Options).RemoveAsync(id, Stop));
        Assert.Single(await new CheckpointClient(folder.Options).ListAsync(Stop));
    }

    [Fact]
    public async Task The_folder_of_another_machine_is_never_that_of_this_one()
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "2");
        CheckpointClient far = new(folder.Options with { Transport = new SshTransport("web01") });
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => far.RestoreAsync(checkpoint.Id, force: true, cancellationToken: Stop));
        Assert.Equal((AmpErrorId.UnsupportedByHost, nameof(CliOptions.Transport)), (error.ErrorId, error.OptionName));
        Assert.Equal("2", folder.Read("a.txt"));

        // The folder of a replayed run is on this machine.
        CheckpointClient replayed = new(folder.Options with { Transport = new AmpReplay([]).Transport });
        Assert.Equal(checkpoint.Id, Assert.Single(await replayed.ListAsync(Stop)).Id);
    }

    [Fact]
    public async Task Refs_of_others_are_no_checkpoints()
    {
        using GitFolder folder = FolderShapes.Committed();
        folder.Git("update-ref", "refs/amp/checkpoints/20260101-000000-abcdef", "HEAD");
        folder.Git("update-ref", "refs/amp/checkpoints/other", "HEAD");
        Assert.Empty(await new CheckpointClient(folder.Options).ListAsync(Stop));
    }

    [Fact]
    public async Task Only_the_named_files_and_folders_are_restored()
    {
        using GitFolder folder = FolderShapes.Committed().Write("sub/x[1].txt", "one").Write("sub/x1.txt", "one").Write("submarine.txt", "one");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "2").Write("sub/b.txt", "2").Write("sub/x[1].txt", "2").Write("sub/x1.txt", "2").Write("submarine.txt", "2").Write("sub/new.txt", "2");
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, ["sub/x[1].txt"], cancellationToken: Stop);
        Assert.Equal(("2", "2", "one", "2", "2"), (folder.Read("a.txt"), folder.Read("sub/b.txt"), folder.Read("sub/x[1].txt"), folder.Read("sub/x1.txt"), folder.Read("submarine.txt")));
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, [folder["sub"]], cancellationToken: Stop);
        Assert.Equal(("2", "two\n", "one", "2"), (folder.Read("a.txt"), folder.Read("sub/b.txt"), folder.Read("sub/x1.txt"), folder.Read("submarine.txt")));
        Assert.False(File.Exists(folder["sub/new.txt"]));
        AmpValidationException misspelled = await Assert.ThrowsAsync<AmpValidationException>(
            () => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, ["none.txt"], cancellationToken: Stop));
        Assert.Equal(("Path", "none.txt"), (misspelled.OptionName, misspelled.Value));
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(
            () => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, ["../other"], cancellationToken: Stop));
        Assert.Equal(AmpErrorId.InvalidOption, error.ErrorId);
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, [folder.Root], cancellationToken: Stop));
        Assert.Equal(("one\n", "one"), (folder.Read("a.txt"), folder.Read("submarine.txt")));
    }

    [Fact]
    public async Task Work_trees_of_one_repository_have_checkpoints_of_their_own_and_a_moved_one_keeps_them()
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint main = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        string linked = Path.Combine(folder.Home, "linked");
        folder.Git("worktree", "add", "-q", "-b", "other", linked);
        folder.WorkingDirectory = linked;
        Assert.Empty(await new CheckpointClient(folder.Options).ListAsync(Stop));
        AmpCheckpoint other = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        Assert.Equal(other.Id, Assert.Single(await new CheckpointClient(folder.Options).ListAsync(Stop)).Id);

        string moved = Path.Combine(folder.Home, "moved");
        Directory.Move(folder.Root, moved);
        folder.Root = folder.WorkingDirectory = moved;
        folder.Write("a.txt", "changed");
        Assert.Equal((main.Id, moved), (Assert.Single(await new CheckpointClient(folder.Options).ListAsync(Stop)).Id, (await new CheckpointClient(folder.Options).GetAsync(main.Id, Stop)).Folder));
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(main.Id, cancellationToken: Stop));
        Assert.Equal("one\n", folder.Read("a.txt"));
    }

    [Fact]
    public async Task Outside_a_repository_checkpoints_are_found_when_the_path_is_typed_in_another_case()
    {
        Assert.SkipWhen(OperatingSystem.IsLinux(), "Names in two cases are two folders.");
        using GitFolder folder = new GitFolder(isRepository: false).Write("a.txt", "one");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "two");
        folder.WorkingDirectory = Path.Combine(folder.Home, "WORK");
        Assert.Equal(checkpoint.Id, Assert.Single(await new CheckpointClient(folder.Options).ListAsync(Stop)).Id);
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal("one", folder.Read("a.txt"));
    }

    [Fact]
    public void A_path_is_written_as_its_folders_list_it()
    {
        using GitFolder folder = new GitFolder(isRepository: false).Write("Sub/Inner/a.txt", "one");
        string home = RealPath.OnDisk(folder.Home);
        string inner = Path.Combine(home, "work", "Sub", "Inner");
        Assert.Equal(inner, RealPath.AsListed(inner));
        Assert.Equal(inner, RealPath.AsListed(Path.Combine(home, "WORK", "sUB", "inner")));
        Assert.Equal(Path.Combine(inner, "None", "x"), RealPath.AsListed(Path.Combine(home, "Work", "sub", "INNER", "None", "x")));
    }

    [Fact]
    public void A_path_stays_as_it_is_where_its_folder_has_the_name_in_several_cases()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The file system may ignore case.");
        using GitFolder folder = new GitFolder(isRepository: false).Write("name", "one").Write("NAME", "two");
        Assert.Equal(folder["name"], RealPath.AsListed(folder["name"]));
        Assert.Equal(folder["NAME"], RealPath.AsListed(folder["NAME"]));
        Assert.Equal(folder["Name"], RealPath.AsListed(folder["Name"]));

        // Here, another case is another folder.
        Directory.CreateDirectory(folder["Sub"]);
        Assert.Equal(folder["sub"], RealPath.OnDisk(folder["sub"]));
    }

    [Fact]
    public async Task Outside_a_repository_a_removed_checkpoint_gives_its_space_back()
    {
        using GitFolder folder = new GitFolder(isRepository: false).Write("a.bin", "one");
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        string own = Assert.Single(Directory.GetDirectories(folder.State));
        foreach (string file in Directory.EnumerateFiles(Path.Combine(own, "objects"), "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-2));
        }

        File.Delete(folder["a.bin"]);
        await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop);
        int before = Directory.GetFiles(Path.Combine(own, "objects"), "*", SearchOption.AllDirectories).Length;
        await new CheckpointClient(folder.Options).RemoveAsync(checkpoint.Id, Stop);
        Assert.True(Directory.GetFiles(Path.Combine(own, "objects"), "*", SearchOption.AllDirectories).Length < before);
        Assert.Empty(await new CheckpointClient(folder.Options).ListAsync(Stop));
    }
}
