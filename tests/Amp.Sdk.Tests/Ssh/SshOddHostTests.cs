using System.Diagnostics;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>Hosts that are not like most: their profiles, shells and programs, and an agent there that changes what decides about it.</summary>
public sealed class SshOddHostTests
{
    private const string Allow = """{"amp.permissions":[{"tool":"Bash","action":"allow"}]}""";
    private const string Reject = """{"amp.permissions":[{"tool":"Bash","action":"reject"}]}""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_profile_that_reads_the_script_starts_nothing_and_ends_nothing(int lines)
    {
        using SshHost host = new();
        await File.WriteAllTextAsync(Path.Combine(host.Home, ".bashrc"), string.Concat(Enumerable.Repeat("read -r x\n", lines)), TestContext.Current.CancellationToken);
        using Process other = Process.Start("sleep", "1000");
        try
        {
            Exception? error = await Record.ExceptionAsync(() => AmpClient.RunAsync(
                "x", new AmpOptions { Transport = host.Transport, CliPath = "/no/such/amp" }, TestContext.Current.CancellationToken));

            // Without its first line alone, the script is whole enough.
            Assert.Equal(lines == 1 ? AmpErrorId.CliNotFound : AmpErrorId.HostShellMissing, Assert.IsType<AmpException>(error, exactMatch: false).ErrorId);
            Assert.False(other.HasExited);
            Assert.True(host.IsClean);
        }
        finally
        {
            other.Kill();
        }
    }

    [Fact]
    public async Task A_host_with_the_programs_of_busybox_ends_everything_too()
    {
        using SshHost host = Busybox();
        await SshRunTests.CanceledAsync(host, new FakeCliScript().IgnoreSignals("INT", "TERM").Init().SpawnChild("stubborn").SpawnChild("setsid").SpawnChild("doublefork"));
    }

    /// <summary>The processes of a run are found slowly there, as on a host that is very busy.</summary>
    [Fact]
    public async Task A_slow_host_ends_everything_before_the_call_returns()
    {
        using SshHost host = new(lines: ["ForceCommand PATH=$HOME/../slow:$PATH exec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\""]);
        Directory.CreateDirectory(host.File("slow"));
        host.Program("slow/grep", "sleep 3; exec /usr/bin/grep \"$@\"\n");
        await SshRunTests.CanceledAsync(host, new FakeCliScript().IgnoreSignals("INT", "TERM").Init().SpawnChild("stubborn").SpawnChild("setsid").SpawnChild("doublefork"));
    }

    /// <summary>The host is about to start the CLI, which takes longer there than the signals and the end need to arrive.</summary>
    [Fact]
    public async Task A_slow_host_does_not_start_what_was_canceled_before_its_start()
    {
        using SshHost host = new(lines: ["ForceCommand PATH=$HOME/../slow:$PATH exec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\""]);
        Directory.CreateDirectory(host.File("slow"));
        host.Program("slow/sha256sum", $": >{host.File("starting")}; sleep 6; exec /usr/bin/sha256sum \"$@\"\n");
        using FakeRun run = SshRunTests.On(host, new FakeCliScript());
        run.Follow(new FakeCliScript().IgnoreSignals("INT", "TERM").Init().SpawnChild("setsid").Hang());
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)], CancellationGracePeriod = TimeSpan.FromMilliseconds(200) };
        using CancellationTokenSource stop = new();
        Task<RunOutcome> running = run.RunUntilAsync(stop.Token);
        await FakeRun.WaitForAsync(() => File.Exists(host.File("starting")), "the start on the host");
        await stop.CancelAsync();
        (await running).Canceled();
        Assert.True(host.IsClean);
        Assert.DoesNotContain(FakeCliRecord.ReadAll(run.Log), record => record.Kind == "Run");
    }

    [Fact]
    public async Task A_CLI_that_does_not_tell_its_version_is_ended_there_too()
    {
        using SshHost host = Busybox();
        string cli = host.Program("amp", $"echo $$ >>{host.File("asked")}; setsid sleep 1000 & echo $! >>{host.File("asked")}; wait\n");
        using CancellationTokenSource stop = new();
        Task<AmpCli> asking = AmpClient.GetCliAsync(new CliOptions { Transport = host.Transport, CliPath = cli }, stop.Token);
        await FakeRun.WaitForAsync(() => Asked(host).Length == 4, "the questions to the CLI");
        await stop.CancelAsync();
        await Assert.ThrowsAsync<AmpCanceledException>(() => asking);
        await FakeRun.WaitForAsync(() => host.IsClean && !Asked(host).Any(ProcessProbe.IsRunning), "the end of the CLI");
    }

    [Theory]
    [InlineData("zsh", ".zprofile", "path=(\"$HOME/odd\" $path)")]
    [InlineData("tcsh", ".tcshrc", "setenv PATH \"$HOME/odd:$PATH\"")]
    public async Task The_CLI_is_found_on_the_path_of_other_shells(string shell, string profile, string line)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{shell}"), $"Requires {shell}.");
        using SshHost host = new(lines: [$"ForceCommand SHELL=/usr/bin/{shell} exec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\""]);
        string bin = Directory.CreateDirectory(Path.Combine(host.Home, "odd")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "amp"), RepositoryLayout.FakeCli);
        await File.WriteAllTextAsync(Path.Combine(host.Home, profile), line + "\n", TestContext.Current.CancellationToken);
        AmpCli cli = await AmpClient.GetCliAsync(new CliOptions { Transport = host.Transport }, TestContext.Current.CancellationToken);
        Assert.Equal(Path.Combine(bin, "amp"), cli.Path);
    }

    [Fact]
    public async Task A_path_of_the_call_is_where_the_host_looks()
    {
        using SshHost host = new();
        string bin = Directory.CreateDirectory(host.File("bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "amp"), RepositoryLayout.FakeCli);
        foreach ((string name, string value, CliSource source) in ((string, string, CliSource)[])
            [("PATH", $"{bin}:/usr/bin:/bin", CliSource.SearchPath), ("AMP_CLI_PATH", $"{bin}/amp", CliSource.EnvironmentVariable)])
        {
            CliOptions options = new() { Transport = host.Transport, Environment = new Dictionary<string, string?> { [name] = value } };
            AmpCli cli = await AmpClient.GetCliAsync(options, TestContext.Current.CancellationToken);
            Assert.Equal((Path.Combine(bin, "amp"), source), (cli.Path, cli.Source));
        }
    }

    [Theory]
    [InlineData(null, Allow, true)]
    [InlineData(Reject, Allow, true)]
    [InlineData(null, "no JSON", true)]
    [InlineData(null, Reject, false)]
    [InlineData(Reject, Reject, false)]
    [InlineData(Reject, "{}", true)]
    public async Task Settings_of_the_project_that_loosen_the_rules_of_the_run_are_told(string? before, string after, bool isBypass)
    {
        using SshHost host = new();
        using FakeRun run = SshRunTests.On(host, new FakeCliScript());
        string settings = Path.Combine(run.Project, ".amp", "settings.json");
        Directory.CreateDirectory(Path.GetDirectoryName(settings)!);
        if (before is not null)
        {
            await File.WriteAllTextAsync(settings, before, TestContext.Current.CancellationToken);
        }

        run.Follow(new FakeCliScript().Init().Error("mine").Write(settings, after).Result("done"));
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)] };
        RunOutcome outcome = await run.RunAsync();
        Assert.Equal(isBypass ? AmpErrorId.RulesBypassed : null, (outcome.Error as AmpException)?.ErrorId);
        Assert.Equal("mine", Assert.Single(outcome.Texts(AmpEventKind.StandardError)));
        Assert.True(host.IsClean);
    }

    [Theory]
    [InlineData("app", "empty", true)]
    [InlineData("packages/app", "empty", true)]
    [InlineData("packages/app", "HEAD=garbage", true)]
    [InlineData("packages/app", "HEAD->packed", true)]
    [InlineData("packages/app", "pipe", true)]
    [InlineData("packages/app", "config=[core]\n\trepositoryformatversion = 0\n\tWorkTree = ../..\n", true)]
    [InlineData("packages/app", "config.worktree=[core]\n\tworktree = ../..", true)]
    [InlineData("packages/app", "commondir=../../other\n", true)]
    [InlineData("packages/app", "HEAD=ref:\trefs/heads/main", false)]
    [InlineData("packages/app", "HEAD=0123456789abcdefABCDEF012345678901234567", false)]
    [InlineData("packages/app", "HEAD->refs/heads/main", false)]
    [InlineData("packages/app", "config=[extensions]\n\tworktreeConfig = true", false)]
    public async Task Settings_of_the_project_are_judged_that_the_CLI_finds(string folder, string git, bool isRefused)
    {
        using SshHost host = new();
        using FakeRun run = SshRunTests.On(host, new FakeCliScript().Init().Result("done"));
        await File.WriteAllTextAsync(Path.Combine(run.Project, ".git"), "gitdir: elsewhere", TestContext.Current.CancellationToken);
        SettingsRun.Write(Path.Combine(run.Project, "packages", ".amp", "settings.json"), Allow);
        Directory.CreateDirectory(Path.Combine(run.Project, "packages", "app"));
        Settings.SettingsLocationTests.Plant(Path.Combine(run.Project, "packages", "app", ".git"), git);
        Directory.CreateSymbolicLink(Path.Combine(run.Project, "app"), Path.Combine("packages", "app"));
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)], WorkingDirectory = Path.Combine(run.Project, folder) };
        Assert.Equal(isRefused ? AmpErrorId.InvalidOption : null, ((await run.RunAsync()).Error as AmpException)?.ErrorId);
        Assert.NotEqual(isRefused, FakeCliRecord.ReadAll(run.Log).Any(record => record.Kind == "Run"));
        await FakeRun.WaitForAsync(() => host.IsClean, "the end on the host");
    }

    /// <summary>Its path there is not the one that the CLI resolves.</summary>
    [Fact]
    public async Task A_file_of_the_user_behind_a_link_is_not_taken_for_one_of_the_project()
    {
        using SshHost host = new();
        using FakeRun run = SshRunTests.On(host, new FakeCliScript().Init().Result("done"));
        SettingsRun.Write(
            Path.Combine(run.Project, ".amp", "settings.json"),
            """{"amp.permissions":[{"tool":"Bash","action":"reject","matches":{"cmd":"*rm*"}},{"tool":"Bash","action":"allow"}]}""");
        string link = run.Mark("link");
        Directory.CreateSymbolicLink(link, run.Project);
        run.Set(("AMP_SETTINGS_FILE", Path.Combine(link, ".amp", "settings.json")));
        run.Options = run.Options with { WorkingDirectory = link };
        Assert.Null((await run.RunAsync()).Error);
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task A_harmless_file_does_not_hide_the_settings_that_the_CLI_has_read()
    {
        using SshHost host = new();
        using FakeRun run = SshRunTests.On(host, new FakeCliScript());
        await File.WriteAllTextAsync(Path.Combine(run.Project, ".git"), "gitdir: elsewhere", TestContext.Current.CancellationToken);
        string read = Path.Combine(run.Project, ".amp", "settings.json");
        SettingsRun.Write(read, "{}");
        string below = Directory.CreateDirectory(Path.Combine(run.Project, "below", ".amp")).Parent!.FullName;
        run.Follow(new FakeCliScript().Init().Write(Path.Combine(below, ".amp", "settings.json"), "{}").Write(read, Allow).Result("done"));
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)], WorkingDirectory = below };
        (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.RulesBypassed);
        Assert.True(host.IsClean);
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"amp.url":"x","amp.permissions":[{ "tool": "Bash", "action": "reject" }]}""", false)]
    public async Task A_reject_of_the_user_that_is_lost_is_told(string after, bool isBypass)
    {
        using SshHost host = new();
        using FakeRun run = SshRunTests.On(host, new FakeCliScript());
        string settings = Path.Combine(run.Options.Environment!["XDG_CONFIG_HOME"]!, "amp", "settings.json");
        SettingsRun.Write(settings, Reject);
        run.Follow(new FakeCliScript().Init().Write(settings, after).Result("done"));
        Assert.Equal(isBypass ? AmpErrorId.RulesBypassed : null, ((await run.RunAsync()).Error as AmpException)?.ErrorId);
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task A_changed_file_of_the_run_is_told()
    {
        using SshHost host = new();
        using FakeRun run = SshRunTests.On(host, new FakeCliScript());
        run.Follow(new FakeCliScript().Init().Mark(run.Mark("started")).WaitFor(run.Mark("go")).Result("done"));
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)] };
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("started");
        string file = Assert.Single(Directory.GetFiles(host.Temporary, "settings.json", SearchOption.AllDirectories));
        await File.AppendAllTextAsync(file, " ", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(run.Mark("go"), string.Empty, TestContext.Current.CancellationToken);
        AmpProcessException error = (await running).Failed<AmpProcessException>(AmpErrorId.RulesBypassed);
        Assert.Contains("settings.json", error.Message, StringComparison.Ordinal);
        Assert.True(host.IsClean);
    }

    [Fact]
    public async Task A_host_without_space_is_told()
    {
        using SshHost host = new();
        using FakeRun run = SshRunTests.On(host, new FakeCliScript().Init().Read().Result("done"));
        try
        {
            SshHost.Run("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", host.Temporary);
        }
        catch (InvalidOperationException)
        {
            Assert.Skip("Requires the right to mount (CAP_SYS_ADMIN).");
        }

        try
        {
            // There is room for one page: not for the files of a run, whatever it reads how fast.
            Assert.Equal(AmpErrorId.HostShellMissing, (await run.RunAsync("go")).Failed<AmpHostException>(AmpErrorId.HostShellMissing).ErrorId);
            await FakeRun.WaitForAsync(() => host.IsClean, "the end of the run on the host");
            Assert.DoesNotContain(run.Processes(), ProcessProbe.IsRunning);
        }
        finally
        {
            SshHost.Run("umount", host.Temporary);
        }
    }

    private static SshHost Busybox()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/busybox") || File.Exists("/bin/busybox"), "Requires busybox.");
        SshHost host = new(lines: ["ForceCommand PATH=$HOME/../applets:/usr/bin:/bin exec $HOME/../applets/sh -c \"$SSH_ORIGINAL_COMMAND\""]);
        Directory.CreateDirectory(host.File("applets"));
        SshHost.Run("busybox", "--install", "-s", host.File("applets"));
        return host;
    }

    private static int[] Asked(SshHost host) => File.Exists(host.File("asked"))
        ? [.. File.ReadAllLines(host.File("asked")).Where(line => line.Length > 0).Select(int.Parse)]
        : [];
}
