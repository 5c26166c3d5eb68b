using Amp.Files;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Cli;

public sealed class InstallTests
{
    private const string Older = "0.0.1790000001-g0a1b2c";
    private const string Newer = "0.0.1790000002-g0a1b2c";
    private const string Newest = "0.0.1790000003-g0a1b2c";

    [Fact]
    public async Task The_last_version_is_installed_and_found_where_no_CLI_is_named()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        npm.Add(Newer);
        npm.Environment["PATH"] = PathWithoutAmp();

        CliInstallation installation = await InstallAsync(npm.Options(folder: npm.DefaultFolder));

        Assert.Equal(Newer, installation.Version);
        Assert.True(installation.IsFound, installation.RecommendedAction);
        Assert.Null(installation.RecommendedAction);
        Assert.Equal(Path.Combine(npm.DefaultFolder, "bin", "amp"), installation.Path);
        AmpCli found = await AmpClient.GetCliAsync(new AmpOptions { Environment = npm.Environment }, TestContext.Current.CancellationToken);
        Assert.Equal((installation.Path, Newer), (found.Path, found.Version));

        // The same without a folder given is in the same place.
        Assert.Equal(installation.Path, (await InstallAsync(npm.Options(Newer) with { Folder = null })).Path);
        Assert.False(File.Exists(npm.Mark), "A script of the package was run.");
        Assert.Equal(string.Empty, File.ReadAllText(npm.Mark + ".key"));
    }

    [Theory]
    [InlineData("owner")]
    [InlineData("program")]
    [InlineData("mode")]
    public async Task A_folder_in_which_another_user_can_put_a_program_is_refused(string what)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Owners and modes of Linux.");
        Assert.SkipUnless(what == "mode" || Environment.IsPrivilegedProcess, "Only root can give a folder away.");
        using NpmRegistry npm = new();
        npm.Add(Older);
        string folder = Directory.CreateDirectory(Path.Combine(npm.DefaultFolder, Older)).Parent!.FullName;
        string[] change = what switch
        {
            "owner" => ["chown", "12345", folder],
            "program" => ["chown", "12345", Path.Combine(folder, Older)],
            _ => ["chmod", "777", folder],
        };
        using (System.Diagnostics.Process changed = System.Diagnostics.Process.Start(change[0], change[1..]))
        {
            await changed.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, changed.ExitCode);
        }

        AmpValidationException refused = await Assert.ThrowsAsync<AmpValidationException>(() => InstallAsync(npm.Options(Older, folder: npm.DefaultFolder)));
        Assert.Equal(nameof(CliInstallOptions.Folder), refused.OptionName);
    }

    [Fact]
    public async Task A_version_replaces_another_and_the_one_before_is_kept()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        npm.Add(Newer);
        npm.Add(Newest);
        CliInstallation first = await InstallAsync(npm.Options(Older));
        Assert.Null(first.PreviousVersion);
        Assert.False(first.IsFound);
        Assert.Contains(first.Path, first.RecommendedAction, StringComparison.Ordinal);

        CliInstallation second = await InstallAsync(npm.Options(Newer));
        Assert.Equal((Newer, Older, first.Path), (second.Version, second.PreviousVersion, second.Path));
        await InstallAsync(npm.Options(Newest));

        Assert.Equal([Newer, Newest, "bin"], npm.Left());
        Assert.Equal(Newest, await VersionAtAsync(npm, first.Path));
        Assert.Equal(["amp"], Directory.GetFileSystemEntries(Path.GetDirectoryName(first.Path)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_is_there_already_needs_no_registry_and_what_is_damaged_is_installed_anew()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        npm.Add(Newer);
        CliInstallation first = await InstallAsync(npm.Options(Older));
        await InstallAsync(npm.Options(Newer));
        Dictionary<string, string?> online = npm.Environment;
        npm.Environment = new(online) { ["npm_config_registry"] = "http://127.0.0.1:1/" };

        Assert.Equal(Older, (await InstallAsync(npm.Options(Older))).Version);

        npm.Environment = online;
        File.WriteAllText(Directory.GetFiles(Path.Combine(npm.Folder, Newer), "amp", SearchOption.AllDirectories).Single(), "#!/bin/sh\nexit 3\n");
        await InstallAsync(npm.Options(Newer));
        Assert.Equal(Newer, await VersionAtAsync(npm, first.Path));
        Assert.Equal([Older, Newer, "bin"], npm.Left());
    }

    [Fact]
    public async Task A_tag_for_the_version_that_is_there_replaces_nothing()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        CliInstallation first = await InstallAsync(npm.Options());
        string folder = Path.Combine(npm.Folder, Older);
        string program = Directory.GetFiles(folder, "amp", SearchOption.AllDirectories).Single();
        DateTime written = File.GetLastWriteTimeUtc(program);
        File.WriteAllText(Path.Combine(folder, "in-use"), string.Empty);

        CliInstallation again = await InstallAsync(npm.Options());

        Assert.Equal(Older, again.Version);
        Assert.Null(again.PreviousVersion);
        Assert.Null(again.PassedOverVersion);
        Assert.Equal(written, File.GetLastWriteTimeUtc(program));
        Assert.True(File.Exists(Path.Combine(folder, "in-use")));
        Assert.Equal(Older, await VersionAtAsync(npm, first.Path));
        Assert.Equal([Older, "bin"], npm.Left());
    }

    [Fact]
    public async Task A_folder_whose_program_is_another_version_is_installed_anew()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        npm.Add(Newer);
        CliInstallation first = await InstallAsync(npm.Options(Older));
        Directory.Move(Path.Combine(npm.Folder, Older), Path.Combine(npm.Folder, Newer));

        Assert.Equal(Newer, (await InstallAsync(npm.Options(Newer))).Version);
        Assert.Equal(Newer, await VersionAtAsync(npm, first.Path));
        Assert.Equal([Newer, "bin"], npm.Left());
    }

    [Fact]
    public async Task Of_two_installations_at_once_neither_removes_the_version_of_the_other()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        npm.Add(Newer);
        npm.Add(Newest);
        await InstallAsync(npm.Options(Older));
        CliInstallation before = await InstallAsync(npm.Options(Newer));
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        npm.BeforeAnswer = () =>
        {
            asked.TrySetResult();
            return go.Task;
        };

        Task<CliInstallation> downloads = InstallAsync(npm.Options(Newest));
        await asked.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Task<CliInstallation> returns = InstallAsync(npm.Options(Older));
        go.SetResult();

        Assert.Equal((Newest, Newer), ((await downloads).Version, (await downloads).PreviousVersion));
        Assert.Equal((Older, Newest), ((await returns).Version, (await returns).PreviousVersion));
        Assert.Equal(Older, await VersionAtAsync(npm, before.Path));
        Assert.Equal([Older, Newest, "bin"], npm.Left());
    }

    [Fact]
    public async Task An_installation_that_waits_for_another_has_a_limit_and_can_be_canceled()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        await InstallAsync(npm.Options(Older));
        using FileStream other = LockFile.Take(Path.Combine(npm.Folder, ".lock"));

        AmpTimeoutException late = await Assert.ThrowsAsync<AmpTimeoutException>(
            () => InstallAsync(npm.Options(Older) with { Timeout = TimeSpan.FromMilliseconds(1) }));
        Assert.Equal(AmpErrorId.Timeout, late.ErrorId);
        using CancellationTokenSource canceled = new(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<AmpCanceledException>(() => new CliInstaller(npm.Options(Older)).InstallAsync(canceled.Token));
    }

    [Fact]
    public async Task What_is_in_the_folder_itself_is_found_on_PATH()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        string tools = Directory.CreateDirectory(Path.Combine(npm.Folder, "tools")).FullName;
        string[] folders = Environment.GetEnvironmentVariable("PATH")!.Split(':');
        foreach (string name in (string[])["node", "npm"])
        {
            File.CreateSymbolicLink(Path.Combine(tools, name), folders.Select(folder => Path.Combine(folder, name)).First(File.Exists));
        }

        npm.Environment["PATH"] = $"{Path.Combine(npm.Folder, "bin")}:{tools}";

        CliInstallation installation = await InstallAsync(npm.Options());

        Assert.True(installation.IsFound, installation.RecommendedAction);
        Assert.Null(installation.RecommendedAction);
    }

    [Theory]
    [InlineData("offline", AmpErrorId.ServiceUnreachable)]
    [InlineData("unknown version", AmpErrorId.InvalidOption)]
    [InlineData("another program", AmpErrorId.CliNotFound)]
    [InlineData("another version", AmpErrorId.CliNotFound)]
    [InlineData("no npm", AmpErrorId.CliNotFound)]
    [InlineData("no program", AmpErrorId.CliNotFound)]
    public async Task What_fails_leaves_the_old_one(string fault, string errorId)
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        CliInstallation first = await InstallAsync(npm.Options());
        npm.Add(Newer, fault == "another program" ? "an editor" : fault == "another version" ? Newest : null, hasProgram: fault != "no program");
        switch (fault)
        {
            case "offline":
                npm.Environment["npm_config_registry"] = "http://127.0.0.1:1/";
                break;
            case "no npm":
                npm.Environment["PATH"] = "/nowhere";
                break;
        }

        AmpException exception = await Assert.ThrowsAnyAsync<AmpException>(
            () => InstallAsync(npm.Options(fault == "unknown version" ? Newest : Newer)));

        Assert.Equal(errorId, exception.ErrorId);
        Assert.NotNull(exception.RecommendedAction);
        Assert.Equal(fault == "no program", exception.Message.Contains("without a program", StringComparison.Ordinal));
        Assert.Equal(Older, await VersionAtAsync(npm, first.Path));
        Assert.Equal([Older, "bin"], npm.Left());
    }

    [Fact]
    public async Task The_newest_version_with_a_program_for_this_system_stands_in_for_one_without()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        npm.Add(Newer);
        npm.Add(Newest, hasProgram: false);

        CliInstallation first = await InstallAsync(npm.Options());

        Assert.Equal((Newer, Newest), (first.Version, first.PassedOverVersion));
        Assert.Equal(Newer, await VersionAtAsync(npm, first.Path));
        Assert.Equal([Newer, "bin"], npm.Left());

        // What is there already is not installed a second time, and is still told.
        string program = Directory.GetFiles(Path.Combine(npm.Folder, Newer), "amp", SearchOption.AllDirectories).Single();
        DateTime written = File.GetLastWriteTimeUtc(program);
        CliInstallation again = await InstallAsync(npm.Options());
        Assert.Equal((Newer, Newest), (again.Version, again.PassedOverVersion));
        Assert.Equal(written, File.GetLastWriteTimeUtc(program));

        Assert.Null((await InstallAsync(npm.Options(Older))).PassedOverVersion);
    }

    [Fact]
    public async Task A_version_without_a_program_that_was_asked_for_is_an_error_that_names_the_newest_with_one()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        npm.Add(Newer);
        npm.Add(Newest, hasProgram: false);

        AmpCliNotFoundException exception = await Assert.ThrowsAsync<AmpCliNotFoundException>(() => InstallAsync(npm.Options(Newest)));

        Assert.Contains(Newest, exception.Message, StringComparison.Ordinal);
        Assert.Contains(Newer, exception.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(npm.Left());
    }

    [Fact]
    public async Task No_version_with_a_program_is_an_error_that_leaves_nothing()
    {
        using NpmRegistry npm = new();
        npm.Add(Newest, hasProgram: false);

        Assert.Equal(AmpErrorId.CliNotFound, (await Assert.ThrowsAsync<AmpCliNotFoundException>(() => InstallAsync(npm.Options()))).ErrorId);

        Assert.Empty(npm.Left());
    }

    [Theory]
    [InlineData("")]
    [InlineData("file:../x")]
    [InlineData("https://example.com/x.tgz")]
    [InlineData("--registry")]
    [InlineData("latest evil")]
    [InlineData("latest\n")]
    [InlineData("0.0.1790142911-g7618fb\n")]
    public async Task A_version_that_is_none_is_refused(string version)
    {
        AmpValidationException exception = await Assert.ThrowsAsync<AmpValidationException>(
            () => InstallAsync(new CliInstallOptions { Version = version, Folder = "/nowhere" }));
        Assert.Equal(AmpErrorId.InvalidOption, exception.ErrorId);
    }

    [Fact]
    public async Task A_file_of_somebody_else_is_not_replaced_nor_is_a_folder_made_below_a_file()
    {
        using NpmRegistry npm = new();
        npm.Add(Older);
        string own = Path.Combine(npm.Folder, "bin", "amp");
        Directory.CreateDirectory(Path.GetDirectoryName(own)!);
        File.WriteAllText(own, "mine");

        Assert.Equal(AmpErrorId.InvalidOption, (await Assert.ThrowsAsync<AmpValidationException>(() => InstallAsync(npm.Options()))).ErrorId);
        Assert.Equal(AmpErrorId.InvalidOption, (await Assert.ThrowsAsync<AmpValidationException>(
            () => InstallAsync(npm.Options(folder: Path.Combine(own, "below"))))).ErrorId);

        Assert.Equal("mine", File.ReadAllText(own));
        Assert.Equal(["bin"], npm.Left());
    }

    [Theory]
    [InlineData("latest", "@ampcode/cli")]
    [InlineData("0.0.1790142911-g7618fb", "@ampcode/cli")]
    [InlineData("0.0.1774310664-gcb98ac\n", "@ampcode/cli")]
    [InlineData("0.0.1774310664-gcb98ac", "@sourcegraph/amp")]
    public void Versions_before_July_2026_are_in_the_earlier_package(string version, string package) =>
        Assert.Equal(package, CliInstaller.PackageOf(version));

    private static Task<CliInstallation> InstallAsync(CliInstallOptions options) =>
        new CliInstaller(options).InstallAsync(TestContext.Current.CancellationToken).WaitAsync(FakeRun.HangLimit * 2);

    private static async Task<string> VersionAtAsync(NpmRegistry npm, string path) => (await AmpClient.GetCliAsync(
        new AmpOptions { CliPath = path, Environment = npm.Environment }, TestContext.Current.CancellationToken)).Version;

    // Without an 'amp' of the developer's own.
    private static string PathWithoutAmp() => string.Join(':', Environment.GetEnvironmentVariable("PATH")!
        .Split(':').Where(folder => !File.Exists(Path.Combine(folder, "amp"))));
}
