using Amp.Files;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Settings;

public sealed class SettingsLocationTests
{
    private const string Reject = """{"amp.permissions":[{"tool":"Bash","action":"reject"}]}""";
    private const string RejectRule = """{"tool":"Bash","action":"reject"}""";

    [Theory]
    [InlineData("{home}/.config/amp/settings.json", "XDG_CONFIG_HOME", null)]
    [InlineData("{home}/.config/amp/settings.jsonc", "XDG_CONFIG_HOME", null)]
    [InlineData("{home}/xdg/amp/settings.json", "XDG_CONFIG_HOME", "{home}/xdg")]
    [InlineData("{home}/xdg/amp/settings.jsonc", "XDG_CONFIG_HOME", "{home}/xdg")]
    [InlineData("{home}/named.json", "AMP_SETTINGS_FILE", "{home}/named.json")]
    [InlineData("{home}/named.json", "AMP_SETTINGS_FILE", "../named.json")]
    [InlineData("{home}/xdg/amp/settings.json", "XDG_CONFIG_HOME", "../xdg")]
    public async Task The_rules_of_the_user_are_found_where_the_CLI_finds_them(string file, string variable, string? value)
    {
        using SettingsRun run = new();
        string home = Path.GetDirectoryName(run.Run.Project)!;
        SettingsRun.Write(file.Replace("{home}", home, StringComparison.Ordinal), Reject);
        run.Run.Set((variable, value?.Replace("{home}", home, StringComparison.Ordinal)));
        run.Options = run.Options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)] };
        Assert.Equal("""{"tool":"Read","action":"allow"}""" + RejectRule, string.Concat(await run.RulesAsync()));
    }

    [Fact]
    public async Task Of_two_files_the_one_without_comments_is_taken()
    {
        using SettingsRun run = new(Reject);
        SettingsRun.Write(Path.ChangeExtension(run.UserFile, ".jsonc"), "{}");
        run.Options = run.Options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)] };
        Assert.Contains(RejectRule, await run.RulesAsync());
    }

    [Fact]
    public async Task A_file_that_the_call_names_stands_in_for_the_usual_one()
    {
        using SettingsRun run = new("""{"amp.permissions":[{"tool":"Task","action":"reject"}]}""");
        string named = run.Run.Mark("named.json");
        SettingsRun.Write(named, Reject);
        run.Options = run.Options with { SettingsFile = named, Permissions = [new AmpPermission("Read", PermissionAction.Allow)] };
        Assert.Equal(["""{"tool":"Read","action":"allow"}""", RejectRule], await run.RulesAsync());
        Assert.Equal(Reject, await File.ReadAllTextAsync(named, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_the_call_names_is_passed_on_where_nothing_is_added()
    {
        using SettingsRun run = new();
        string named = run.Run.Mark("named.json");
        SettingsRun.Write(named, Reject);
        run.Options = run.Options with { SettingsFile = named };
        Assert.Equal(SettingsRun.Parse(Reject).ToJsonString(), (await run.MergedAsync()).ToJsonString());
        Assert.Equal(named, run.Run.Record.File("--settings-file").Path);
        Assert.True(File.Exists(named));
    }

    [Fact]
    public async Task A_relative_file_is_the_same_one_for_the_CLI_which_runs_in_another_folder()
    {
        using SettingsRun run = new();
        string named = run.Run.Mark("named.json");
        SettingsRun.Write(named, Reject);
        run.Options = run.Options with { SettingsFile = Path.GetRelativePath(Environment.CurrentDirectory, named) };
        await run.SucceedAsync();
        Assert.Equal(named, run.Run.Record.File("--settings-file").Path);
        Assert.NotNull(run.Run.Record.File("--settings-file").Content);
    }

    [Fact]
    public async Task A_file_that_the_call_names_must_exist()
    {
        using SettingsRun run = new();
        run.Options = run.Options with { SettingsFile = run.Run.Mark("missing.json") };
        AmpValidationException error = (await run.Run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
        Assert.Equal(nameof(AmpOptions.SettingsFile), error.OptionName);
        Assert.Contains("missing.json", error.Message, StringComparison.Ordinal);
        Assert.Empty(Amp.Testing.FakeCliRecord.ReadAll(run.Run.Log));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broken_file_is_told_with_line_and_column(bool isNamed)
    {
        using SettingsRun run = new("{\n  \"a\": 1,\n  \"b\": oops\n}");
        run.Options = isNamed
            ? run.Options with { SettingsFile = run.UserFile }
            : run.Options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)] };
        AmpValidationException error = (await run.Run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
        Assert.Contains("line 3, column 8", error.Message, StringComparison.Ordinal);
        Assert.Contains(run.UserFile, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"amp.permissions":{}}""")]
    public async Task A_file_that_holds_something_else_is_refused(string text)
    {
        using SettingsRun run = new(text);
        run.Options = run.Options with { Permissions = [new AmpPermission("Read", PermissionAction.Allow)] };
        (await run.Run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
    }

    [Theory]
    [InlineData("", "", ".amp/settings.json")]
    [InlineData(".amp/settings.jsonc", "", ".amp/settings.jsonc")]
    [InlineData("../.amp/settings.json", "", ".amp/settings.json")]
    [InlineData("../.amp/settings.json", "../.git", "../.amp/settings.json")]
    [InlineData("", "../.git", "../.amp/settings.json")]
    [InlineData("../../.amp/settings.json", "../.git", "../.amp/settings.json")]
    public void The_settings_of_the_workspace_are_looked_for_up_to_the_root_of_the_repository(string there, string repository, string expected)
    {
        using Amp.Testing.PrivateHome home = new();
        string folder = RealPath.Of(Directory.CreateDirectory(Path.Combine(home.Project, "a", "b", "c")).FullName);
        if (there.Length > 0)
        {
            SettingsRun.Write(Path.GetFullPath(there, folder), "{}");
        }

        if (repository.Length > 0)
        {
            MakeRepository(Path.GetFullPath(repository, folder));
        }

        Assert.Equal(Path.GetFullPath(expected, folder), Amp.Settings.SettingsLocation.WorkspaceFile(folder));
        Assert.Equal(Path.GetFullPath(expected, folder), Amp.Settings.SettingsLocation.WorkspaceFile(folder + Path.DirectorySeparatorChar));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HEAD")]
    public void A_folder_named_like_a_repository_does_not_end_the_search(string file)
    {
        using Amp.Testing.PrivateHome home = new();
        string root = RealPath.Of(home.Project);
        string below = Directory.CreateDirectory(Path.Combine(root, "below")).FullName;
        MakeRepository(Path.Combine(root, ".git"));
        string empty = Directory.CreateDirectory(Path.Combine(below, ".git")).FullName;
        if (file.Length > 0)
        {
            File.WriteAllText(Path.Combine(empty, file), "ref: refs/heads/main\n");
        }

        string expected = Path.Combine(root, ".amp", "settings.json");
        Assert.Equal(expected, Amp.Settings.SettingsLocation.WorkspaceFile(below));
        SettingsRun.Write(expected, "{}");
        Assert.Equal(expected, Amp.Settings.SettingsLocation.OfWorkspace(below));

        // One of a worktree does.
        Directory.Delete(empty, recursive: true);
        File.WriteAllText(empty, "gitdir: elsewhere");
        Assert.Null(Amp.Settings.SettingsLocation.OfWorkspace(below));
    }

    // What git requires of one.
    private static void MakeRepository(string git)
    {
        Directory.CreateDirectory(Path.Combine(git, "objects"));
        Directory.CreateDirectory(Path.Combine(git, "refs"));
        File.WriteAllText(Path.Combine(git, "HEAD"), "ref: refs/heads/main\n");
    }
}
