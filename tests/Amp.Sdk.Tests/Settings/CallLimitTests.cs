using System.Text.Json.Nodes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Settings;

/// <summary>How long the CLI is told to wait for a tool of this side.</summary>
public sealed class CallLimitTests
{
    private static readonly AmpTool s_slow = new("Slow", "Takes its time.", """{"type":"object"}""", async (_, token) =>
    {
        await Task.Delay(2500, token);
        return new ToolResult("slow but sure");
    });

    [Theory]
    [InlineData(null, null, 2147483, 300)]
    [InlineData(0, "{}", 2147483, 300)]
    [InlineData(10, "{}", 300, 300)]
    [InlineData(600, "{}", 630, 300)]
    [InlineData(2147483, "{}", 2147483, 300)]
    [InlineData(600, """{"amp.tools.inactivityTimeout":20}""", 630, 20)]
    [InlineData(600, """{"amp.tools.stopTimeout":20}""", 20, null)]
    public async Task The_CLI_waits_as_long_as_a_call_may_take_and_for_all_else_as_before(int? seconds, string? userSettings, int stop, int? inactivity)
    {
        // Something else of the call makes for a settings file in any case.
        using SettingsRun run = new(userSettings);
        run.Options = run.Options with
        {
            Tools = [s_slow], ToolTimeout = seconds is int limit ? TimeSpan.FromSeconds(limit) : null, Permissions = [new AmpPermission("Bash", PermissionAction.Reject)],
        };
        JsonObject merged = await run.MergedAsync();
        Assert.Equal((stop, inactivity), (merged["amp.tools.stopTimeout"]!.GetValue<int>(), merged["amp.tools.inactivityTimeout"]?.GetValue<int>()));
    }

    [Fact]
    public async Task Without_tools_the_settings_stay_as_they_are()
    {
        using SettingsRun run = new("{}");
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Reject)] };
        Assert.False((await run.MergedAsync()).ContainsKey("amp.tools.stopTimeout"));
    }

    // Later ones do not know it, and wait.
    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    public async Task A_real_CLI_goes_by_that_setting(RealCliBuild build)
    {
        await using RealRun run = await RealRun.StartAsync(build);
        SettingsRun.Write(run.UserFile, """{ "amp.tools.stopTimeout": 1 }""");
        run.Options = run.Options with { Tools = [s_slow] };
        await run.ResultAsync(RealRun.Call("mcp__sdk__Slow", "{}"));
        Assert.Contains("timed out after 1 seconds", run.Service.Requests[^1].RawJson, StringComparison.Ordinal);
    }
}
