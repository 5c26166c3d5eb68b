using System.Runtime.Versioning;
using Amp.Checkpoints;
using Amp.Cli;

namespace Amp.Sdk.Tests.Checkpoints;

/// <summary>Restores that fail, before the first file is changed or after it, and what is seen of files in the meantime.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RestoreFailureTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("*' read-tree -m '*) git \"$@\"; kill -INT $$;;", "signal SIGINT")]
    [InlineData("*' read-tree -m '*) git \"$@\"; kill -KILL $$;;", "signal SIGKILL")]
    [InlineData("*' read-tree -m '*) i=0; while [ $i -lt 1000 ]; do echo \"warning: unable to unlink 'a/path/that/is/quite/long/$i': Permission denied\" >&2; i=$((i + 1)); done;;", "Permission denied")]
    [InlineData("*' read-tree -m '*) git \"$@\"; echo 'error: unable to create file x: No space left on device' >&2; exit 128;;", "No space left on device")]
    [InlineData("*' update-ref '*) [ -f \"$here/named\" ] && { echo 'fatal: cannot lock ref' >&2; exit 128; }; : > \"$here/named\";;", "cannot lock ref")]
    public async Task A_restore_that_fails_after_files_have_changed_names_the_state_before(string cases, string reason)
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "two").Write("new.txt", "new");
        string path = folder.Options.Environment!["PATH"]!;
        folder.Variables["PATH"] = $"{GitFolder.Wrapper(folder.Home, path, cases)}:{path}";
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal("one\n", folder.Read("a.txt"));
        Assert.Equal(AmpErrorId.CheckpointFailed, error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);

        folder.Variables["PATH"] = path;
        AmpCheckpoint undo = (await new CheckpointClient(folder.Options).ListAsync(Stop))[0];
        Assert.NotEqual(checkpoint.Id, undo.Id);
        Assert.Contains($"'{undo.Id}' by force", error.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("unchanged", $"{error.Message} {error.RecommendedAction}", StringComparison.Ordinal);
        await new CheckpointClient(folder.Options).RestoreAsync(undo.Id, force: true, cancellationToken: Stop);
        Assert.Equal(("two", "new"), (folder.Read("a.txt"), folder.Read("new.txt")));
    }

    [Theory]
    [InlineData("*' read-tree '*) echo 'error: refused on purpose' >&2; exit 128;;")]
    [InlineData("*' read-tree '*) printf edited > a.txt;;")]
    public async Task A_restore_that_was_refused_leaves_no_checkpoint(string cases)
    {
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "two").Write("sub/b.txt", "two");
        string path = folder.Options.Environment!["PATH"]!;
        folder.Variables["PATH"] = $"{GitFolder.Wrapper(folder.Home, path, cases)}:{path}";
        AmpProcessException error = await Assert.ThrowsAsync<AmpProcessException>(() => new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(AmpErrorId.CheckpointFailed, error.ErrorId);
        Assert.Equal("two", folder.Read("sub/b.txt"));
        Assert.Equal(checkpoint.Id, Assert.Single(await new CheckpointClient(folder.Options).ListAsync(Stop)).Id);
    }

    [Fact]
    public async Task A_key_in_the_terminal_does_not_reach_the_program_that_changes_files()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The session of a process is read from /proc.");
        Assert.SkipUnless(File.Exists("/usr/bin/setsid"), "setsid is not installed.");
        using GitFolder folder = FolderShapes.Committed();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("a.txt", "two");
        string path = folder.Options.Environment!["PATH"]!;
        folder.Variables["PATH"] = $"{GitFolder.Wrapper(folder.Home, path, "*' read-tree -m '*) echo \"$$ $(cut -d' ' -f6 /proc/$$/stat)\" > \"$here/session\";;")}:{path}";
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        string[] words = (await File.ReadAllTextAsync(Path.Combine(folder.Home, "bin", "session"), Stop)).Trim().Split(' ');
        Assert.Equal(words[0], words[1]);
    }

    [Fact]
    public async Task A_private_file_is_never_readable_by_others_while_it_is_restored()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The script reads modes as Linux shows them.");
        using GitFolder folder = FolderShapes.Committed().Write("key", "secret").Write("gone/deep/file", "file").Write("gone/run", "program");
        GitFolder.Mode(folder["key"], Private);
        GitFolder.Mode(folder["gone/run"], File.GetUnixFileMode(folder["gone"]));
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("key", "changed");
        Directory.Delete(folder["gone"], recursive: true);
        string path = folder.Options.Environment!["PATH"]!;
        folder.Variables["PATH"] = $"{GitFolder.Wrapper(folder.Home, path, "*' read-tree -m '*) git \"$@\"; code=$?; stat -c %a key > \"$here/mode\"; exit $code;;")}:{path}";
        AmpCheckpoint? undo = await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal("600\n", await File.ReadAllTextAsync(Path.Combine(folder.Home, "bin", "mode"), Stop));
        Assert.Equal((Private, "secret"), (File.GetUnixFileMode(folder["key"]), folder.Read("key")));

        // Whatever else is new has the modes that the user's programs give.
        folder.Write("sample/file", string.Empty);
        UnixFileMode file = File.GetUnixFileMode(folder["sample/file"]);
        UnixFileMode of = File.GetUnixFileMode(folder["sample"]);
        Assert.Equal((of, of, file, of), (File.GetUnixFileMode(folder["gone"]), File.GetUnixFileMode(folder["gone/deep"]), File.GetUnixFileMode(folder["gone/deep/file"]), File.GetUnixFileMode(folder["gone/run"])));

        // A folder that was there keeps its own, although Git deletes it when its last file is gone.
        Directory.Delete(folder["gone"], recursive: true);
        folder.Write("gone/other", "new");
        GitFolder.Mode(folder["gone"], of | UnixFileMode.GroupWrite);
        await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop);
        Assert.Equal((of | UnixFileMode.GroupWrite, of), (File.GetUnixFileMode(folder["gone"]), File.GetUnixFileMode(folder["gone/run"])));
        Assert.NotNull(undo);
    }

    [Fact]
    public async Task Programs_and_links_stay_what_they_are_if_the_repository_has_neither()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        using GitFolder folder = FolderShapes.Committed();
        folder.Git("config", "core.fileMode", "false");
        folder.Git("config", "core.symlinks", "false");

        // The mode of a program that the user's compiler creates.
        UnixFileMode program = File.GetUnixFileMode(folder["sub"]);
        UnixFileMode file = File.GetUnixFileMode(folder["a.txt"]);
        foreach (string name in (string[])["changed", "closed", "deleted"])
        {
            GitFolder.Mode(folder.Write(name, name)[name], program);
        }

        File.CreateSymbolicLink(folder["link"], "a.txt");
        SortedDictionary<string, string> files = folder.Files();
        AmpCheckpoint checkpoint = await new CheckpointClient(folder.Options).CreateAsync(Stop);
        folder.Write("changed", "by the agent");
        GitFolder.Mode(folder["closed"], file);
        File.Delete(folder["deleted"]);
        File.Delete(folder["link"]);
        Assert.Equal(
            ["Changed changed", "ModeChanged closed", "Deleted deleted", "Deleted link"],
            (await new CheckpointClient(folder.Options).CompareAsync(checkpoint.Id, cancellationToken: Stop)).Select(difference => difference.ToString()));
        Assert.NotNull(await new CheckpointClient(folder.Options).RestoreAsync(checkpoint.Id, cancellationToken: Stop));
        Assert.Equal(files, folder.Files());
    }

    [Fact]
    public async Task A_copy_of_the_index_has_the_time_of_its_content()
    {
        using GitFolder folder = FolderShapes.Committed();
        Dictionary<string, string> variables = folder.Options.Environment!.Where(variable => variable.Value is not null).ToDictionary(variable => variable.Key, variable => variable.Value!);
        GitProgram git = GitLocator.Find(variables, folder.Root, TimeSpan.FromMinutes(3));
        PrivateRepository store = PrivateRepository.Open(await WorkTree.FindAsync(git, folder.Root, Stop), variables);
        DateTime first = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        Take(0);
        using CancellationTokenSource done = new();
        Task others = Task.Run(
            () =>
            {
                for (int number = 1; !done.IsCancellationRequested; number++)
                {
                    Take(number % 1000);
                }
            },
            Stop);
        try
        {
            for (int number = 0; number < 2000; number++)
            {
                string copy = store.NewIndex();
                store.CopyIndex(copy);
                Assert.Equal(first.AddDays(int.Parse(await File.ReadAllTextAsync(copy, Stop), null)), File.GetLastWriteTimeUtc(copy));
                PrivateRepository.DropIndex(copy);
            }
        }
        finally
        {
            await done.CancelAsync();
            await others;
        }

        void Take(int number)
        {
            string index = store.NewIndex();
            File.WriteAllText(index, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            File.SetLastWriteTimeUtc(index, first.AddDays(number));
            store.TakeIndex(index);
        }
    }
}
