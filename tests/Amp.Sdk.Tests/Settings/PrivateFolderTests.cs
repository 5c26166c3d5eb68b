using System.Diagnostics;
using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Settings;

public sealed class PrivateFolderTests
{
    private static readonly AmpPermission s_rule = new("Read", PermissionAction.Allow);

    [Fact]
    public async Task The_files_of_a_run_are_for_nobody_else_and_not_where_the_agent_works()
    {
        using SettingsRun run = Started();
        await run.SucceedAsync();
        FakeCliRecord record = run.Run.Record;
        Assert.Equal(2, record.Files.Count);
        foreach (FakeCliFile file in record.Files)
        {
            Assert.NotNull(file.Content);
            Assert.False(Path.GetRelativePath(run.Run.Project, file.Path) is { } path && !path.StartsWith("..", StringComparison.Ordinal));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(("600", "700"), (file.Mode, file.FolderMode));
            }
        }

        IsGone(run);
    }

    [Fact]
    public async Task They_are_gone_after_a_cancel()
    {
        using SettingsRun run = Started(new FakeCliScript().EndPolitely().Init().Hang());
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAsync<AmpCanceledException>(async () =>
        {
            await foreach (StreamMessage _ in AmpClient.ExecuteAsync("hi", run.Options, cancel.Token))
            {
                Assert.All(run.Run.Record.Files, file => Assert.True(File.Exists(file.Path)));
                await cancel.CancelAsync();
            }
        });
        IsGone(run);
    }

    [Fact]
    public async Task They_are_gone_after_the_consumer_left()
    {
        using SettingsRun run = Started(new FakeCliScript().EndPolitely().Init().Hang());
        await foreach (StreamMessage _ in AmpClient.ExecuteAsync("hi", run.Options, TestContext.Current.CancellationToken))
        {
            break;
        }

        IsGone(run);
        run.Run.NothingIsLeft();
    }

    [Fact]
    public async Task They_are_gone_after_a_CLI_that_failed()
    {
        using SettingsRun run = Started(new FakeCliScript().Init().Exit(3));
        (await run.Run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.CliFailed);
        IsGone(run);
    }

    [Fact]
    public async Task They_are_gone_where_the_CLI_cannot_be_started()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("A file without the right to be executed.");
            return;
        }

        using SettingsRun run = Started();
        string cli = run.Run.Mark("amp");
        await File.WriteAllTextAsync(cli, "#!/bin/sh\nexec '" + RepositoryLayout.FakeCli + "' \"$@\"\n", TestContext.Current.CancellationToken);
        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(cli, Readable | UnixFileMode.UserExecute);
        run.Options = run.Options with { CliPath = cli };
        RunPlan plan = await run.Run.PlanAsync();
        File.SetUnixFileMode(cli, Readable);
        HashSet<string> before = [.. OwnFolders()];
        await Assert.ThrowsAnyAsync<AmpException>(async () =>
        {
            await foreach (AmpEvent _ in AmpClient.StreamAsync(plan, TestContext.Current.CancellationToken))
            {
            }
        });

        // Others of this process may come and go at the same time.
        string[] added = [.. OwnFolders().Where(folder => !before.Contains(folder))];
        await FakeRun.WaitForAsync(() => !added.Any(Directory.Exists), "the folders of this process to go");
    }

    [Fact]
    public async Task A_plan_writes_nothing()
    {
        using SettingsRun run = Started();
        RunPlan plan = await run.Run.PlanAsync();
        Assert.Contains(plan.Arguments, argument => argument == "--settings-file=<private settings.json>");
        Assert.Contains(plan.Arguments, argument => argument == "--mcp-config=<private mcp.json>");
        Assert.Equal(["amp.permissions"], plan.SettingsKeys);
        Assert.Equal(run.UserFile, plan.SettingsFile);
    }

    [Fact]
    public void What_dead_processes_left_is_removed_and_what_living_ones_need_is_kept()
    {
        using PrivateHome home = new();
        ProcessIdentity here = ProcessIdentity.Current;
        string dead = Folder(home, $"amp-sdk-{int.MaxValue}-1-{here.Space}-AA");
        string reused = Folder(home, $"amp-sdk-{here.Id}-{here.Start - 1000}-{here.Space}-AA");
        string[] kept =
        [
            Folder(home, $"amp-sdk-{here.Id}-{here.Start}-{here.Space}-AA"),
            Folder(home, $"amp-sdk-{int.MaxValue}-1-{here.Space + 1}-AA"),
            Folder(home, "amp-sdk-mine"),
            Folder(home, $"amp-sdk-{int.MaxValue}-x-{here.Space}-AA"),
            Folder(home, $"other-{int.MaxValue}-1-{here.Space}-AA"),
        ];
        PrivateFolder.SweepLeftovers(home.Root);
        Assert.False(Directory.Exists(dead));
        Assert.False(Directory.Exists(reused));
        Assert.All(kept, folder => Assert.True(File.Exists(Path.Combine(folder, "settings.json")), folder));
    }

    [Fact]
    public void A_link_with_such_a_name_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right of their own.");
        using PrivateHome home = new();
        ProcessIdentity here = ProcessIdentity.Current;
        string target = Folder(home, "target");
        Directory.CreateSymbolicLink(Path.Combine(home.Root, $"amp-sdk-{int.MaxValue}-1-{here.Space}-AA"), target);
        string leftover = Folder(home, $"amp-sdk-{int.MaxValue}-2-{here.Space}-BB");
        Directory.CreateSymbolicLink(Path.Combine(leftover, "inner"), target);
        PrivateFolder.SweepLeftovers(home.Root);
        Assert.False(Directory.Exists(leftover));
        Assert.True(File.Exists(Path.Combine(target, "settings.json")));
    }

    [Theory]
    [InlineData(0x1FF, false)]
    [InlineData(0x1ED, false)]
    [InlineData(0x1C0, true)]
    public void What_is_not_a_private_folder_is_left_alone(int mode, bool isSwept)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Owners and modes of Linux.");
        using PrivateHome home = new();
        string planted = Leftover(home.Root, "AA");
        SetMode(planted, mode);

        PrivateFolder.SweepLeftovers(home.Root);
        Assert.Equal(isSwept, !Directory.Exists(planted));
    }

    [Theory]
    [InlineData(0x1FF, false)]
    [InlineData(0x3FF, true)]
    public void Where_others_can_exchange_a_folder_nothing_is_swept(int mode, bool isSwept)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Owners and modes of Linux.");
        using PrivateHome home = new();
        string shared = Directory.CreateDirectory(Path.Combine(home.Root, "shared")).FullName;
        string left = Leftover(shared, "AA");
        SetMode(shared, mode);

        PrivateFolder.SweepLeftovers(shared);
        Assert.Equal(isSwept, !Directory.Exists(left));
    }

    [Fact]
    public void A_folder_that_another_user_has_planted_is_left_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can give a folder away.");
        using PrivateHome home = new();
        string own = Folder(home, "own");
        string planted = Leftover(home.Root, "AA");
        Directory.CreateSymbolicLink(Path.Combine(planted, "link"), own);
        using (Process given = Process.Start("chown", ["-h", "12345", planted]))
        {
            given.WaitForExit();
            Assert.Equal(0, given.ExitCode);
        }

        PrivateFolder.SweepLeftovers(home.Root);
        Assert.True(File.Exists(Path.Combine(planted, "settings.json")));
        Assert.True(File.Exists(Path.Combine(own, "settings.json")));
    }

    [Fact]
    public void What_cannot_be_written_is_told_with_what_a_folder_must_have()
    {
        using PrivateHome home = new();
        using PrivateFolder folder = PrivateFolder.Create(home.Root);
        PrivateFile file = new("settings.json", "{}"u8.ToArray());
        folder.Add(file);
        AmpProcessException error = Assert.Throws<AmpProcessException>(() => folder.Add(file));
        Assert.Contains("TMPDIR", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("NTFS", error.RecommendedAction, StringComparison.Ordinal);
    }

    private static string Leftover(string parent, string random)
    {
        string path = Directory.CreateDirectory(Path.Combine(parent, $"amp-sdk-{int.MaxValue}-1-{ProcessIdentity.Current.Space}-{random}")).FullName;
        File.WriteAllText(Path.Combine(path, "settings.json"), "{}");
        SetMode(path, 0x1C0);
        return path;
    }

    private static void SetMode(string path, int mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)mode);
        }
    }

    private static IEnumerable<string> OwnFolders() =>
        Directory.EnumerateDirectories(Path.GetTempPath(), $"amp-sdk-{Environment.ProcessId}-*");

    private static string Folder(PrivateHome home, string name)
    {
        string path = Directory.CreateDirectory(Path.Combine(home.Root, name)).FullName;
        File.WriteAllText(Path.Combine(path, "settings.json"), "{}");
        SetMode(path, 0x1C0);
        return path;
    }

    private static SettingsRun Started(FakeCliScript? script = null)
    {
        SettingsRun run = new(null, script);
        run.Options = run.Options with { Permissions = [s_rule], McpServers = [new McpStdioServer("tools", "node")] };
        return run;
    }

    private static void IsGone(SettingsRun run) =>
        Assert.All(run.Run.Record.Files, file => Assert.False(Directory.Exists(Path.GetDirectoryName(file.Path))));
}
