using System.Text.Json.Nodes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Settings;

/// <summary>On builds that look at rules only where the settings say so, the settings of a run say so.</summary>
public sealed class RulesInForceTests
{
    private const string Key = "amp.dangerouslyAllowAll";
    private const string Guarded = "amp.guardedFiles.allowlist";

    /// <summary>A native CLI, by its version.</summary>
    private static FakeCliScript Native => new FakeCliScript().Version("0.0.1790142911-g7618fb (released 2026-09-23T09:15:11.000Z, 2mo ago)");

    [Fact]
    public async Task Without_a_word_about_it_the_rules_are_put_in_force()
    {
        using SettingsRun run = new(script: Native);
        JsonObject merged = await run.MergedAsync();
        Assert.False(merged[Key]!.GetValue<bool>());
        Assert.Single(merged);
        Assert.False(File.Exists(run.UserFile));
    }

    [Fact]
    public async Task What_else_the_user_has_set_stays_and_the_users_file_too()
    {
        const string Own = """{"amp.showCosts":true,"amp.permissions":[]}""";
        using SettingsRun run = new(Own, Native);
        JsonObject merged = await run.MergedAsync();
        Assert.Equal((true, false), (merged["amp.showCosts"]!.GetValue<bool>(), merged[Key]!.GetValue<bool>()));
        Assert.Equal(Own, await File.ReadAllTextAsync(run.UserFile, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("0.0.1767830505-ga62310")]
    [InlineData("0.0.1774310664-gcb98ac")]
    [InlineData("0.0.1777897475-g2324e1")]
    public async Task Where_rules_hold_anyway_no_file_is_written(string version)
    {
        using SettingsRun run = new(script: new FakeCliScript().Version(version + " (released 2026-03-24T00:08:19.172Z, 8mo ago)"));
        await run.SucceedAsync();
        Assert.Empty(run.Run.Record.Files);
    }

    [Theory]
    [InlineData("""{"amp.dangerouslyAllowAll":true}""")]
    [InlineData("""{"amp.dangerouslyAllowAll":false}""")]
    public async Task What_the_user_says_about_it_holds(string own)
    {
        using SettingsRun run = new(own, Native);
        await run.SucceedAsync();
        Assert.Empty(run.Run.Record.Files);
    }

    [Fact]
    public async Task The_callers_flag_is_passed_and_nothing_put_in_force()
    {
        using SettingsRun run = new(script: Native);
        run.Options = run.Options with { DangerouslyAllowAll = true };
        await run.SucceedAsync();
        Assert.Empty(run.Run.Record.Files);
        Assert.Contains("--dangerously-allow-all", run.Run.Record.Arguments);
    }

    [Fact]
    public async Task The_plan_names_what_the_run_sets()
    {
        using SettingsRun run = new(script: Native);
        Assert.Equal([Key], (await run.Run.PlanAsync()).SettingsKeys);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_preview_that_is_run_has_the_rules_in_force_too(int retryLimit)
    {
        using SettingsRun run = new(script: Native);
        run.Options = run.Options with { RetryLimit = retryLimit };
        RunPlan preview = AmpClient.Preview("Say hello", run.Options);
        Assert.Null(preview.Cli);
        (await RunOutcome.OfAsync(Task.FromResult(preview), "Say hello", TestContext.Current.CancellationToken)).Finished();
        Assert.False(SettingsRun.Parse(run.Run.Record.File("--settings-file").Content!)[Key]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("* reject", true)]
    [InlineData("Read allow,* ask", true)]
    [InlineData("Read allow,* reject", true)]
    [InlineData("create_file reject", false)]
    [InlineData("create_file allow,* reject", false)]
    [InlineData("shell_command allow,* reject", false)]
    [InlineData("c* allow,* reject", false)]
    [InlineData("download_thread_file allow,* reject", false)]
    [InlineData("restore_snapshot allow,* reject", false)]
    [InlineData("chart allow,* reject", false)]
    [InlineData("shell_command_status allow,* reject", true)]
    [InlineData("find_thread allow,* reject", true)]
    [InlineData("* allow", false)]
    public async Task A_file_is_left_to_rules_only_where_none_allows_to_write_it_unseen(string rules, bool isLeft)
    {
        using SettingsRun run = new(script: Native);
        run.Options = run.Options with { Permissions = Rules(rules) };
        Assert.Equal(isLeft, (await run.MergedAsync()).ContainsKey(Guarded));
    }

    [Theory]
    [InlineData("""{"amp.permissions":[{"tool":"Read","action":"allow"}]}""", true)]
    [InlineData("""{"amp.permissions":[{"tool":"edit_file","action":"reject"}]}""", true)]
    [InlineData("""{"amp.permissions":[{"tool":"edit_file","action":"allow"}]}""", false)]
    [InlineData("""{"amp.permissions":[{"tool":"Bash","action":"allow"}]}""", false)]
    [InlineData("""{"amp.permissions":[7]}""", false)]
    public async Task A_rule_of_the_user_that_allows_to_write_keeps_files_guarded(string own, bool isLeft)
    {
        using SettingsRun run = new(own, Native);
        run.Options = run.Options with { Permissions = Rules("* reject") };
        Assert.Equal(isLeft, (await run.MergedAsync()).ContainsKey(Guarded));
    }

    [Fact]
    public async Task A_rule_of_the_project_that_allows_to_write_keeps_files_guarded()
    {
        using SettingsRun run = new(script: Native);
        SettingsRun.Write(Path.Combine(run.Run.Project, ".amp", "settings.json"), """{"amp.permissions":[{"tool":"edit_file","action":"allow"}]}""");
        run.Options = run.Options with { Permissions = Rules("* ask") };
        Assert.False((await run.MergedAsync()).ContainsKey(Guarded));
    }

    [Fact]
    public async Task Where_all_is_allowed_by_a_last_rule_no_file_is_guarded_as_by_the_flag()
    {
        using SettingsRun run = new(script: Native);
        run.Options = run.Options with { DangerouslyAllowAll = true, Permissions = Rules("Bash reject") };
        Assert.True((await run.MergedAsync()).ContainsKey(Guarded));
    }

    private static AmpPermission[] Rules(string rules) =>
    [
        .. rules.Split(',').Select(rule => rule.Split(' '))
            .Select(rule => new AmpPermission(rule[0], Enum.Parse<PermissionAction>(rule[1], ignoreCase: true))),
    ];
}
