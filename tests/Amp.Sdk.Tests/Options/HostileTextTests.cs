using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Options;

/// <summary>What a user typed, or a program took from somewhere, must never become an option of its own.</summary>
public sealed class HostileTextTests
{
    [Theory]
    [InlineData("--version")]
    [InlineData("--dangerously-allow-all")]
    [InlineData("-x --help")]
    [InlineData("\"; touch /tmp/x; \"")]
    [InlineData("$(id) `id` %PATH% ^&|")]
    [InlineData("a\nb")]
    [InlineData("=")]
    [InlineData("ü€😀")]
    public async Task A_hostile_text_stays_one_value(string text)
    {
        // On a CLI whose plugins bring modes of their own, and which has titles: whatever they are, they cannot be checked here.
        using FakeRun run = new(new FakeCliScript().Read().Result("done").Help("2026-09-23"));
        run.Options = run.Options with { Mode = text, Title = text };
        (await run.RunAsync(text)).Succeeded("done");
        Assert.Equal(["--execute", "--stream-json", $"--mode={text}", $"--title={text}"], run.Record.Arguments.Take(4));
        Assert.All(run.Record.Arguments.Skip(4), argument => Assert.StartsWith("--no-", argument, StringComparison.Ordinal));
        Assert.Equal(text, run.Record.StandardInput.Text);
    }

    [Fact]
    public async Task Neither_the_prompt_nor_a_key_can_be_read_in_the_list_of_processes()
    {
        using FakeRun run = new(new FakeCliScript().Read().Result("done"));
        run.Set(("AMP_API_KEY", "canary-key-4711"));
        (await run.RunAsync("canary-prompt-4711")).Succeeded("done");
        Assert.All(FakeCliRecord.ReadAll(run.Log).SelectMany(record => record.CommandLine.Concat(record.Arguments)), argument =>
            Assert.DoesNotContain("canary", argument, StringComparison.Ordinal));
        Assert.Equal("canary-key-4711", run.Record.Environment["AMP_API_KEY"]);
    }

    [Fact]
    public async Task A_preview_starts_and_writes_nothing_and_shows_no_secret()
    {
        using FakeRun run = new();
        run.Set(("AMP_API_KEY", "canary-key-4711"), ("XDG_CACHE_HOME", run.Mark("cache")), ("ZZ_MINE", "1"));
        RunPlan plan = AmpClient.Preview("canary-prompt", run.Options);
        Assert.Null(plan.Cli);
        Assert.Equal(["--execute", "--stream-json"], plan.Arguments);
        Assert.Equal((RepositoryLayout.FakeCli, run.Project), (plan.Program.Path, plan.WorkingDirectory));
        Assert.Equal(run.Mark(".config/amp/settings.json"), plan.SettingsFile);
        Assert.Contains("AMP_API_KEY", plan.VariableNames);
        Assert.Contains("ZZ_MINE", plan.VariableNames);
        Assert.DoesNotContain("AMP_URL", plan.VariableNames);
        Assert.Equal(plan.VariableNames.Order(StringComparer.Ordinal), plan.VariableNames);
        Assert.False(Directory.Exists(run.Log));
        Assert.False(Directory.Exists(run.Mark("cache")));

        RunPlan real = await run.PlanAsync();
        Assert.NotNull(real.Cli);
        Assert.Equal(real.Arguments, AmpClient.Preview("canary-prompt", run.Options).Arguments);
    }
}
