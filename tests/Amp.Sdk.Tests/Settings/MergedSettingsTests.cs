using System.Text.Json.Nodes;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Settings;

public sealed class MergedSettingsTests
{
    private const string UserRules = """
        {
          // my own
          "amp.permissions": [
            { "tool": "Bash", "action": "reject", "matches": { "cmd": "*rm*" } },
            { "tool": "Read", "action": "allow" }, /* fine */
          ],
          "amp.notifications.enabled": false,
          "amp.mcpServers": { "mine": { "command": "x", "args": [1, "ü"] } },
        }
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_the_call_disables_is_taken_out_of_the_user_s_settings(bool asObject)
    {
        const string User = """{"amp.mcpServers":{"mine":{"command":"x"},"other":{"command":"y"}},"amp.url":"z"}""";
        using SettingsRun run = new(User);
        run.Options = asObject
            ? run.Options with { McpServers = [new McpStdioServer("mine", "any", disabled: true), new McpStdioServer("absent", "any", disabled: true)] }
            : run.Options with { McpConfig = """{"mine":{"command":"any","disabled":true}}""" };
        JsonObject merged = await run.MergedAsync();
        Assert.Equal("""{"amp.url":"z","amp.mcpServers":{"other":{"command":"y"}}}""", merged.ToJsonString());
        Assert.Equal(User, await File.ReadAllTextAsync(run.UserFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_disabled_server_that_the_user_does_not_have_changes_nothing()
    {
        using SettingsRun run = new("""{"amp.mcpServers":{"Mine":{"command":"x"}}}""");
        run.Options = run.Options with { McpServers = [new McpStdioServer("mine", "any", disabled: true)] };
        await run.SucceedAsync();
        Assert.DoesNotContain(run.Run.Record.Arguments, argument => argument.StartsWith("--settings-file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_of_the_workspace_cannot_be_disabled_and_the_call_is_told()
    {
        using SettingsRun run = new();
        string file = Path.Combine(run.Run.Project, ".amp", "settings.json");
        SettingsRun.Write(file, """{"amp.mcpServers":{"theirs":{"command":"x"}}, /* fine */}""");
        run.Options = run.Options with { McpServers = [new McpStdioServer("theirs", "any", disabled: true)] };
        AmpValidationException error = (await run.Run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Equal((nameof(AmpOptions.McpServers), "theirs"), (error.OptionName, error.Value));
        Assert.False(Directory.Exists(run.Run.Log));
    }

    [Fact]
    public async Task The_rules_of_the_call_come_first_and_the_other_keys_of_the_user_are_kept()
    {
        using SettingsRun run = new(UserRules);
        run.Options = run.Options with { Permissions = [new AmpPermission("Grep", PermissionAction.Ask), new AmpPermission("mcp__*", PermissionAction.Allow)] };
        JsonObject merged = await run.MergedAsync();
        string[] rules = [.. merged["amp.permissions"]!.AsArray().Select(rule => rule!.ToJsonString())];
        Assert.Equal(
            [
                """{"tool":"Grep","action":"ask"}""",
                """{"tool":"mcp__*","action":"allow"}""",
                """{"tool":"Bash","action":"reject","matches":{"cmd":"*rm*"}}""",
                """{"tool":"Read","action":"allow"}""",
            ],
            rules);
        Assert.False(merged["amp.notifications.enabled"]!.GetValue<bool>());
        Assert.True(JsonNode.DeepEquals(SettingsRun.Parse("""{"mine":{"command":"x","args":[1,"ü"]}}"""), merged["amp.mcpServers"]));
        Assert.Equal(3, merged.Count);
        Assert.Equal(UserRules, await File.ReadAllTextAsync(run.UserFile, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Bash", PermissionAction.Allow)]
    [InlineData("shell_command", PermissionAction.Allow)]
    [InlineData("*", PermissionAction.Allow)]
    [InlineData("B*", PermissionAction.Ask)]
    public async Task A_reject_of_the_user_that_a_rule_of_the_call_would_hide_comes_before_it(string tool, PermissionAction action)
    {
        using SettingsRun run = new(UserRules);
        run.Options = run.Options with { Permissions = [new AmpPermission(tool, action)] };
        IReadOnlyList<string> rules = await run.RulesAsync();
        Assert.Equal("""{"tool":"Bash","action":"reject","matches":{"cmd":"*rm*"}}""", rules[0]);
        Assert.StartsWith($$"""{"tool":"{{tool}}",""", rules[1], StringComparison.Ordinal);
        Assert.Equal("""{"tool":"Read","action":"allow"}""", rules[2]);
        Assert.Equal(3, rules.Count);
    }

    [Fact]
    public async Task Two_equal_rejects_of_the_user_are_both_moved_or_merged_but_never_lost()
    {
        using SettingsRun run = new("""{"amp.permissions":[{"tool":"Bash","action":"reject"},{"tool":"Bash","action":"reject"}]}""");
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Allow)] };
        IReadOnlyList<string> rules = await run.RulesAsync();
        Assert.Equal("""{"tool":"Bash","action":"reject"}""", rules[0]);
        Assert.Equal("""{"tool":"Bash","action":"allow"}""", rules[^1]);
    }

    [Fact]
    public async Task Without_anything_of_the_call_the_user_file_is_left_to_the_CLI()
    {
        using SettingsRun run = new(UserRules);
        await run.SucceedAsync();
        Assert.DoesNotContain(run.Run.Record.Arguments, argument => argument.Contains("settings", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_empty_list_of_tools_is_another_thing_than_none()
    {
        using SettingsRun run = new("""{"amp.tools.enable":["Read"],"amp.tools.disable":["Task"]}""");
        run.Options = run.Options with { EnabledTools = [] };
        JsonObject merged = await run.MergedAsync();
        Assert.Equal("""["no-tool-at-all"]""", merged["amp.tools.enable"]!.ToJsonString());
        Assert.Equal("""["Task"]""", merged["amp.tools.disable"]!.ToJsonString());
    }

    [Fact]
    public async Task Tools_are_those_of_the_call()
    {
        using SettingsRun run = new("""{"amp.tools.enable":["Bash"]}""");
        run.Options = run.Options with { EnabledTools = ["Read", "Gr*"] };
        Assert.Equal("""["Read","Gr*"]""", (await run.MergedAsync())["amp.tools.enable"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"amp.tools.enable":["Read"]}""", "{}", """["Read","mcp__sdk__*"]""")]
    [InlineData("""{"amp.tools.enable":["mcp__sdk__*","Read"]}""", "{}", """["mcp__sdk__*","Read"]""")]
    [InlineData("{}", """{"amp.tools.enable":["Grep"]}""", """["mcp__sdk__*"]""")]
    [InlineData("""{"amp.tools.enable":["Read"]}""", """{"amp.tools.enable":["Grep"]}""", """["Read","mcp__sdk__*"]""")]
    [InlineData("""{"amp.tools.enable":[]}""", "{}", "[]")]
    [InlineData("{}", "{}", null)]
    public async Task Tools_of_this_process_are_added_to_a_list_of_the_user_or_the_project(string user, string project, string? expected)
    {
        using SettingsRun run = new(user);
        SettingsRun.Write(Path.Combine(run.Run.Project, ".amp", "settings.json"), project);
        AmpTool tool = new("Add", "Adds.", """{"type":"object"}""", (_, _) => Task.FromResult(new ToolResult("x")));
        run.Options = run.Options with { Tools = [tool] };
        Assert.Equal(expected, (await run.MergedAsync())["amp.tools.enable"]?.ToJsonString());

        // Without tools, nothing is to be added.
        Assert.DoesNotContain("amp.tools.enable", AmpClient.Preview("hi", run.Options with { Tools = null }).SettingsKeys);
    }

    [Fact]
    public async Task A_folder_of_skills_comes_before_those_of_the_user()
    {
        using SettingsRun run = new("""{"amp.skills.path":"/mine"}""");
        string skills = Directory.CreateDirectory(run.Run.Mark("skills")).FullName;
        run.Options = run.Options with { Skills = skills };
        Assert.Equal($"{skills}{Path.PathSeparator}/mine", (await run.MergedAsync())["amp.skills.path"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_relative_folder_of_skills_means_the_same_to_the_CLI()
    {
        using SettingsRun run = new();
        run.Options = run.Options with { Skills = "." };
        Assert.True(Path.IsPathFullyQualified((await run.MergedAsync())["amp.skills.path"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_system_prompt_comes_behind_that_of_the_user()
    {
        using SettingsRun run = new("""{"amp.systemPrompt":"Mine."}""");
        run.Run.Set(("AMP_FAKE_VERSION", "0.0.1769425000-g1e5104 (released 2026-01-26T10:56:40.000Z, 10mo ago)"), ("XDG_CACHE_HOME", run.Run.Mark("cache")));
        run.Options = run.Options with { SystemPrompt = "Theirs." };
        Assert.Equal("Mine.\n\nTheirs.", (await run.MergedAsync())["amp.systemPrompt"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_the_project_sets_in_the_place_of_the_call_is_told()
    {
        using SettingsRun run = new();
        run.Run.Set(("AMP_FAKE_VERSION", "0.0.1769425000-g1e5104 (released 2026-01-26T10:56:40.000Z, 10mo ago)"), ("XDG_CACHE_HOME", run.Run.Mark("cache")));
        SettingsRun.Write(Path.Combine(run.Run.Project, ".amp", "settings.json"), """{"amp.systemPrompt":"Theirs.","amp.skills.path":"/theirs"}""");
        run.Options = run.Options with { SystemPrompt = "Mine.", Skills = "." };
        IReadOnlyList<string> warnings = (await run.Run.RunAsync()).Texts(AmpEventKind.Warning);
        Assert.All(
            (string[])[nameof(AmpOptions.SystemPrompt), nameof(AmpOptions.Skills)],
            option => Assert.Contains(warnings, warning => warning.Contains(option, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_options_object_serves_two_runs_at_once()
    {
        using SettingsRun run = new(UserRules);
        AmpOptions options = run.Options with
        {
            Permissions = [new AmpPermission("Grep", PermissionAction.Allow)],
            EnabledTools = ["Read"],
            McpServers = [new McpStdioServer("tools", "node")],
        };
        AmpOptions copy = options with { };
        CancellationToken token = TestContext.Current.CancellationToken;
        await Task.WhenAll(AmpClient.RunAsync("one", options, token), AmpClient.RunAsync("two", options, token)).WaitAsync(FakeRun.HangLimit, token);
        Assert.Equal(copy, options);
        Amp.Testing.FakeCliRecord[] records = [.. Amp.Testing.FakeCliRecord.ReadAll(run.Run.Log).Where(record => record.Kind == "Run")];
        Assert.Equal(2, records.Length);
        Assert.Equal(records[0].File("--settings-file").Content, records[1].File("--settings-file").Content);
        Assert.NotEqual(records[0].File("--settings-file").Path, records[1].File("--settings-file").Path);
    }
}
