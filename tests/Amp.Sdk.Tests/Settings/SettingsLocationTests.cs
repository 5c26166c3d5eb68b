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
    [InlineData("empty")]
    [InlineData("HEAD alone")]
    [InlineData("HEAD=garbage")]
    [InlineData("HEAD=refs: refs/heads/main")]
    [InlineData("HEAD=ref: heads/main")]
    [InlineData("HEAD=012345678901234567890123456789012345678")]
    [InlineData("HEAD->packed")]
    [InlineData("pipe")]
    [InlineData("config=[core]\n\trepositoryformatversion = 0\n\tworktree = ../..\n")]
    [InlineData("config=[core] repositoryformatversion = 0\n WorkTree=../..")]
    [InlineData("config.worktree=[core]\n\tworktree = ../..\n")]
    [InlineData("commondir=../../other\n")]
    public void A_folder_named_like_a_repository_does_not_end_the_search(string kind)
    {
        using Amp.Testing.PrivateHome home = new();
        string root = RealPath.Of(home.Project);
        string below = Directory.CreateDirectory(Path.Combine(root, "below")).FullName;
        MakeRepository(Path.Combine(root, ".git"));
        string git = Path.Combine(below, ".git");
        Plant(git, kind);
        string expected = Path.Combine(root, ".amp", "settings.json");
        Assert.Equal(expected, Amp.Settings.SettingsLocation.WorkspaceFile(below));
        SettingsRun.Write(expected, "{}");
        Assert.Equal(expected, Amp.Settings.SettingsLocation.OfWorkspace(below));

        // One of a worktree does.
        if (Directory.Exists(git))
        {
            Directory.Delete(git, recursive: true);
        }

        File.Delete(git);
        File.WriteAllText(git, "gitdir: elsewhere");
        Assert.Null(Amp.Settings.SettingsLocation.OfWorkspace(below));
    }

    [Theory]
    [InlineData("HEAD=ref: refs/heads/main")]
    [InlineData("HEAD=ref:refs/heads/main")]
    [InlineData("HEAD=ref:\trefs/heads/main")]
    [InlineData("HEAD=0123456789abcdefABCDEF012345678901234567\n")]
    [InlineData("HEAD=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n")]
    [InlineData("HEAD->refs/heads/main")]
    [InlineData("config=[extensions]\n\tworktreeConfig = true\n")]
    public void A_repository_ends_the_search(string kind)
    {
        using Amp.Testing.PrivateHome home = new();
        string root = RealPath.Of(home.Project);
        string below = Directory.CreateDirectory(Path.Combine(root, "below")).FullName;
        MakeRepository(Path.Combine(root, ".git"));
        SettingsRun.Write(Path.Combine(root, ".amp", "settings.json"), "{}");
        Plant(Path.Combine(below, ".git"), kind);
        Assert.Equal(Path.Combine(below, ".amp", "settings.json"), Amp.Settings.SettingsLocation.WorkspaceFile(below));
        Assert.Equal(below, Amp.Settings.SettingsLocation.RepositoryRoot(below));
    }

    /// <summary>A folder above can be the work tree without a repository of its own.</summary>
    [Fact]
    public void What_may_be_the_work_tree_of_a_repository_below_is_searched_too()
    {
        using Amp.Testing.PrivateHome home = new();
        string root = RealPath.Of(home.Project);
        string below = Directory.CreateDirectory(Path.Combine(root, "below", "deep")).FullName;
        Plant(Path.Combine(root, "below", ".git"), "config=[core]\n\trepositoryformatversion = 0\n\tworktree = ../..\n");
        Assert.Equal(Path.Combine(root, "below", ".amp", "settings.json"), Amp.Settings.SettingsLocation.WorkspaceFile(below));

        string above = Path.Combine(root, ".amp", "settings.json");
        SettingsRun.Write(above, "{}");
        Assert.Equal(above, Amp.Settings.SettingsLocation.OfWorkspace(below));

        string nearer = Path.Combine(root, "below", ".amp", "settings.json");
        SettingsRun.Write(nearer, "{}");
        Assert.Equal(nearer, Amp.Settings.SettingsLocation.OfWorkspace(below));
    }

    /// <summary>Makes something that looks like a repository.</summary>
    /// <param name="git">Its path.</param>
    /// <param name="kind">What it is: <c>empty</c>, <c>HEAD alone</c>, <c>pipe</c>, or a repository with a file (<c>name=text</c>) or a link (<c>name->target</c>).</param>
    internal static void Plant(string git, string kind)
    {
        switch (kind)
        {
            case "empty":
                Directory.CreateDirectory(git);
                return;
            case "HEAD alone":
                SettingsRun.Write(Path.Combine(git, "HEAD"), "ref: refs/heads/main\n");
                return;
            case "pipe":
                Assert.SkipWhen(OperatingSystem.IsWindows(), "A file system has no pipes there.");
                using (System.Diagnostics.Process made = System.Diagnostics.Process.Start("mkfifo", git))
                {
                    made.WaitForExit();
                    Assert.Equal(0, made.ExitCode);
                }

                return;
        }

        MakeRepository(git);
        string[] link = kind.Split("->");
        if (link.Length == 1)
        {
            string[] file = kind.Split('=', 2);
            File.WriteAllText(Path.Combine(git, file[0]), file[1]);
            return;
        }

        Assert.SkipWhen(OperatingSystem.IsWindows(), "A link requires a right there.");
        File.Move(Path.Combine(git, link[0]), Path.Combine(git, "packed"));
        File.CreateSymbolicLink(Path.Combine(git, link[0]), link[1]);
    }

    // What git requires of one.
    private static void MakeRepository(string git)
    {
        Directory.CreateDirectory(Path.Combine(git, "objects"));
        Directory.CreateDirectory(Path.Combine(git, "refs"));
        File.WriteAllText(Path.Combine(git, "HEAD"), "ref: refs/heads/main\n");
    }
}
