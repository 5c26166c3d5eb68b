using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Settings;

public sealed class AllowAllTests
{
    private const string Flag = "--dangerously-allow-all";
    private const string AllowAll = """{"tool":"*","action":"allow"}""";

    [Fact]
    public async Task Where_nothing_is_rejected_the_flag_does()
    {
        using SettingsRun run = new("""{"amp.permissions":[{"tool":"Bash","action":"ask"}]}""");
        run.Options = run.Options with { DangerouslyAllowAll = true };
        await run.SucceedAsync();
        Assert.Contains(Flag, run.Run.Record.Arguments);
        Assert.Empty(run.Run.Record.Files);
    }

    [Fact]
    public async Task Where_the_call_has_no_reject_the_flag_goes_with_its_rules()
    {
        using SettingsRun run = new();
        run.Options = run.Options with { DangerouslyAllowAll = true, Permissions = [new AmpPermission("Bash", PermissionAction.Ask)] };
        Assert.Equal(["""{"tool":"Bash","action":"ask"}"""], await run.RulesAsync());
        Assert.Contains(Flag, run.Run.Record.Arguments);
    }

    [Fact]
    public async Task Where_the_call_rejects_a_last_rule_stands_for_the_flag_and_nothing_is_asked()
    {
        using SettingsRun run = new("""{"amp.permissions":[{"tool":"Task","action":"ask"},{"tool":"Read","action":"allow"}]}""");
        run.Options = run.Options with
        {
            DangerouslyAllowAll = true,
            Permissions = [new AmpPermission("Grep", PermissionAction.Ask), new AmpPermission("Bash", PermissionAction.Reject)],
        };
        Assert.Equal(["""{"tool":"Bash","action":"reject"}""", """{"tool":"Read","action":"allow"}""", AllowAll], await run.RulesAsync());
        Assert.DoesNotContain(Flag, run.Run.Record.Arguments);
    }

    [Fact]
    public async Task Where_the_user_rejects_that_holds()
    {
        using SettingsRun run = new("""{"amp.permissions":[{"tool":"Bash","action":"reject"},{"tool":"Task","action":"ask"}],"other":1}""");
        run.Options = run.Options with { DangerouslyAllowAll = true };
        Assert.Equal(["""{"tool":"Bash","action":"reject"}""", AllowAll], await run.RulesAsync());
        Assert.DoesNotContain(Flag, run.Run.Record.Arguments);
    }

    [Theory]
    [InlineData("settings.json", "")]
    [InlineData("settings.jsonc", "")]
    [InlineData("settings.json", "src/deep")]
    public async Task Where_the_workspace_rejects_that_holds_and_its_allows_are_not_taken_over(string file, string below)
    {
        using SettingsRun run = new();

        // Folders above the working directory count up to the root of a repository.
        await File.WriteAllTextAsync(Path.Combine(run.Run.Project, ".git"), "gitdir: elsewhere", TestContext.Current.CancellationToken);
        SettingsRun.Write(
            Path.Combine(run.Run.Project, ".amp", file),
            """{"amp.permissions":[{"tool":"Task","action":"allow"},{"tool":"Bash","action":"reject"}, /* x */],}""");
        run.Options = run.Options with
        {
            DangerouslyAllowAll = true,
            WorkingDirectory = Directory.CreateDirectory(Path.Combine(run.Run.Project, below)).FullName,
        };
        Assert.Equal(["""{"tool":"Bash","action":"reject"}""", AllowAll], await run.RulesAsync());
        Assert.DoesNotContain(Flag, run.Run.Record.Arguments);
    }

    [Fact]
    public async Task Not_to_allow_all_leaves_the_questions_in()
    {
        using SettingsRun run = new("""{"amp.permissions":[{"tool":"Task","action":"ask"}]}""");
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)] };
        Assert.Equal(["""{"tool":"Bash","action":"reject"}""", """{"tool":"Task","action":"ask"}"""], await run.RulesAsync());
        Assert.DoesNotContain(Flag, run.Run.Record.Arguments);
    }
}
