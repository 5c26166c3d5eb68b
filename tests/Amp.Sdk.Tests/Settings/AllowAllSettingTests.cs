using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Settings;

/// <summary>The setting that lets every call through overrides rules as the flag does, so no run may depend on rules beside it.</summary>
public sealed class AllowAllSettingTests
{
    private const string Setting = """{"amp.dangerouslyAllowAll":true,"amp.permissions":[{"tool":"Task","action":"ask"}],"other":1}""";
    private static readonly AmpPermission s_reject = new("Bash", PermissionAction.Reject);

    [Fact]
    public async Task Beside_a_reject_of_the_call_a_last_rule_stands_for_the_users_setting()
    {
        using SettingsRun run = new(Setting);
        run.Options = run.Options with { Permissions = [s_reject] };

        Assert.Equal(["""{"tool":"Bash","action":"reject"}""", """{"tool":"*","action":"allow"}"""], await run.RulesAsync());
        Assert.Contains("\"amp.dangerouslyAllowAll\": false", run.Run.Record.Files.Single().Content!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beside_the_flag_too()
    {
        using SettingsRun run = new("""{"amp.dangerouslyAllowAll":true,"amp.permissions":[{"tool":"Bash","action":"reject"}]}""");
        run.Options = run.Options with { DangerouslyAllowAll = true };

        Assert.Equal(["""{"tool":"Bash","action":"reject"}""", """{"tool":"*","action":"allow"}"""], await run.RulesAsync());
        Assert.Contains("\"amp.dangerouslyAllowAll\": false", run.Run.Record.Files.Single().Content!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_call_rejects_nothing_the_users_setting_stays()
    {
        using SettingsRun run = new(Setting);
        run.Options = run.Options with { Permissions = [new AmpPermission("Bash", PermissionAction.Allow)] };

        await run.SucceedAsync();

        Assert.Contains("\"amp.dangerouslyAllowAll\": true", run.Run.Record.Files.Single().Content!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_that_lets_everything_through_is_refused_beside_a_reject()
    {
        using SettingsRun run = new();
        SettingsRun.Write(Path.Combine(run.Run.Project, ".amp", "settings.json"), Setting);
        run.Options = run.Options with { Permissions = [s_reject] };

        AmpValidationException exception = Assert.Throws<AmpValidationException>(() => AmpClient.Preview("go", run.Options));

        Assert.Equal(nameof(AmpOptions.Permissions), exception.OptionName);
        Assert.Contains("amp.dangerouslyAllowAll", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bash", true)]
    [InlineData("*", true)]
    [InlineData("Read", false)]
    public async Task Rules_of_the_project_that_come_before_a_reject_of_the_call_are_refused(string allowed, bool isRefused)
    {
        using SettingsRun run = new();
        SettingsRun.Write(
            Path.Combine(run.Run.Project, ".amp", "settings.json"), $$"""{"amp.permissions":[{"tool":"{{allowed}}","action":"allow"}]}""");
        run.Options = run.Options with { Permissions = [s_reject] };

        RunOutcome outcome = await run.Run.RunAsync();

        Assert.Equal(isRefused ? nameof(AmpOptions.Permissions) : null, (outcome.Error as AmpValidationException)?.OptionName);
        Assert.Equal(isRefused, outcome.Error is not null);
    }
}
