using Amp.Options;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Options;

/// <summary>The variables that a CLI starts with. Alone, since it sets those of the test process.</summary>
[Collection(nameof(Ends.Alone))]
public sealed class EnvironmentTests
{
    private static readonly string[] s_outer = ["AGENT", "AMP_THREAD_ID", "AGENT_TOOL_NAME", "AGENT_TOOL_USE_ID", "AGENT_TOOL_ANYTHING"];

    [Fact]
    public async Task Variables_of_an_outer_agent_do_not_reach_the_CLI()
    {
        using OwnVariables own = new([.. s_outer, "FORCE_COLOR", "CLICOLOR_FORCE", "AMP_TEST_INHERITED", "AGENTS"]);
        using FakeRun run = new(new FakeCliScript().Echo());
        (await run.RunAsync()).Succeeded("Echo: Say hello");
        IReadOnlyDictionary<string, string> environment = run.Record.Environment;
        Assert.All([.. s_outer, "FORCE_COLOR", "CLICOLOR_FORCE"], name => Assert.False(environment.ContainsKey(name), name));
        Assert.Equal("outer", environment["AMP_TEST_INHERITED"]);
        Assert.Equal("outer", environment["AGENTS"]);
        Assert.Equal("1", environment["NO_COLOR"]);
        Assert.Equal("1", environment["AMP_SKIP_UPDATE_CHECK"]);
        Assert.Equal("0", environment["AMP_REMOTE_CONTROL_TERMINAL"]);
        Assert.Matches(@"^dotnet-\d+\.\d+\.\d+$", environment["AMP_SDK_VERSION"]);
    }

    [Theory]
    [InlineData("outer")]
    [InlineData(null)]
    public async Task Colours_are_what_they_were_where_they_are_not_switched_off(string? noColor)
    {
        using OwnVariables own = new(["FORCE_COLOR", "CLICOLOR_FORCE", "NO_COLOR", "AGENT"]);
        Environment.SetEnvironmentVariable("NO_COLOR", noColor);
        using FakeRun run = new(new FakeCliScript().Echo());
        run.Options = run.Options with { NoColor = false };
        Assert.Equal(noColor is not null, AmpClient.Preview("hi", run.Options).VariableNames.Contains("NO_COLOR"));
        (await run.RunAsync()).Succeeded("Echo: Say hello");
        IReadOnlyDictionary<string, string> environment = run.Record.Environment;
        Assert.Equal(noColor, environment.GetValueOrDefault("NO_COLOR"));
        Assert.Equal(("outer", "outer"), (environment["FORCE_COLOR"], environment["CLICOLOR_FORCE"]));
        Assert.False(environment.ContainsKey("AGENT"));
        Assert.DoesNotContain("--no-color", run.Record.Arguments);
    }

    [Fact]
    public void What_the_caller_says_wins()
    {
        using OwnVariables own = new(["AMP_TEST_INHERITED", "AGENT"]);
        Dictionary<string, string> environment = RunEnvironment.Build(new Dictionary<string, string?>
        {
            ["AMP_TEST_INHERITED"] = null,
            ["NO_COLOR"] = null,
            ["AGENT"] = "mine",
            ["AMP_SDK_VERSION"] = "other-1",
            ["EMPTY"] = "",
            ["NOT_THERE"] = null,
        });
        Assert.False(environment.ContainsKey("AMP_TEST_INHERITED"));
        Assert.False(environment.ContainsKey("NO_COLOR"));
        Assert.False(environment.ContainsKey("NOT_THERE"));
        Assert.Equal(("mine", "other-1", ""), (environment["AGENT"], environment["AMP_SDK_VERSION"], environment["EMPTY"]));
    }

    [Theory]
    [InlineData(null, "127.0.0.1,localhost,::1")]
    [InlineData("127.0.0.0/8,.corp", "127.0.0.0/8,.corp,127.0.0.1,localhost,::1")]
    [InlineData("a, LOCALHOST", "a, LOCALHOST,127.0.0.1,::1")]
    [InlineData("*", "*")]
    public async Task A_run_with_tools_of_this_process_reaches_them_without_a_proxy(string? outer, string expected)
    {
        using OwnVariables own = new(["no_proxy", "NO_PROXY"]);
        Environment.SetEnvironmentVariable("no_proxy", null);
        Environment.SetEnvironmentVariable("NO_PROXY", outer);
        using FakeRun run = new(new FakeCliScript().Echo());
        AmpOptions without = run.Options;
        run.Options = without with { Tools = [new AmpTool("Add", "Adds.", """{"type":"object"}""", (_, _) => Task.FromResult(new ToolResult("x")))] };
        Assert.Equal(outer != expected, AmpClient.Preview("hi", run.Options).VariableNames.Contains("NO_PROXY"));
        Assert.DoesNotContain("NO_PROXY", AmpClient.Preview("hi", without).VariableNames);
        (await run.RunAsync()).Succeeded("Echo: Say hello");
        Assert.Equal(expected, run.Record.Environment["NO_PROXY"]);
        Assert.Equal(outer, (await AmpClient.PlanAsync("hi", without, TestContext.Current.CancellationToken)).Environment.GetValueOrDefault("NO_PROXY"));
        Assert.Equal(outer, Environment.GetEnvironmentVariable("NO_PROXY"));
    }

    [Fact]
    public void What_the_caller_says_about_a_proxy_wins()
    {
        using OwnVariables own = new(["no_proxy", "NO_PROXY"]);
        Dictionary<string, string> removed = RunEnvironment.Build(
            new Dictionary<string, string?> { ["no_proxy"] = null, ["NO_PROXY"] = null }, reachesLoopback: true);
        Assert.DoesNotContain(removed.Keys, name => name.Equals("NO_PROXY", StringComparison.OrdinalIgnoreCase));

        // The CLIs read only one of the two, so each has the addresses.
        Dictionary<string, string> both = RunEnvironment.Build(new Dictionary<string, string?> { ["no_proxy"] = "mine" }, reachesLoopback: true);
        Assert.Equal("mine,127.0.0.1,localhost,::1", both["no_proxy"]);
        Assert.EndsWith(",127.0.0.1,localhost,::1", both["NO_PROXY"], StringComparison.Ordinal);
    }

    [Fact]
    public void The_variables_of_this_process_stay_as_they_are()
    {
        using OwnVariables own = new(["AGENT"]);
        _ = RunEnvironment.Build(new Dictionary<string, string?> { ["AGENT"] = null });
        Assert.Equal("outer", Environment.GetEnvironmentVariable("AGENT"));
        Assert.NotEqual("1", Environment.GetEnvironmentVariable("AMP_SKIP_UPDATE_CHECK"));
    }

    [Theory]
    [InlineData("/f/settings.json", "/h", "/f/settings.json")]
    [InlineData("", "/h", "/h/.config/amp/settings.json")]
    public void The_settings_file_is_the_one_the_CLI_would_read(string file, string home, string expected)
    {
        using FakeRun run = new();
        run.Set(("AMP_SETTINGS_FILE", file), ("XDG_CONFIG_HOME", ""), ("HOME", home), ("USERPROFILE", home));
        Assert.Equal(expected, AmpClient.Preview("hi", run.Options).SettingsFile);
    }

    private sealed class OwnVariables : IDisposable
    {
        private readonly Dictionary<string, string?> _before = [];

        public OwnVariables(string[] names)
        {
            foreach (string name in names)
            {
                _before[name] = Environment.GetEnvironmentVariable(name);
                Environment.SetEnvironmentVariable(name, "outer");
            }
        }

        public void Dispose()
        {
            foreach ((string name, string? value) in _before)
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }
}
