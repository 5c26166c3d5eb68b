using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Options;

/// <summary>What cannot be used is refused by name before anything is looked for or started.</summary>
public sealed class OptionCheckTests
{
    public static TheoryData<string, AmpOptions> Refused => new()
    {
        { nameof(AmpOptions.Mode), new AmpOptions { Mode = "" } },
        { nameof(AmpOptions.Mode), new AmpOptions { Mode = " " } },
        { nameof(AmpOptions.Mode), new AmpOptions { Mode = "sm\0art" } },
        { nameof(AmpOptions.ThreadId), new AmpOptions { ThreadId = "--last" } },
        { nameof(AmpOptions.ThreadId), new AmpOptions { ThreadId = "" } },
        { nameof(AmpOptions.ContinueLatestThread), new AmpOptions { ThreadId = "T-01a1fbd7-0c6f-734a-b675-4e105a21993a", ContinueLatestThread = true } },
        { nameof(AmpOptions.Timeout), new AmpOptions { Timeout = TimeSpan.FromSeconds(-1) } },
        { nameof(AmpOptions.Timeout), new AmpOptions { Timeout = Timeout.InfiniteTimeSpan } },
        { nameof(AmpOptions.IdleTimeout), new AmpOptions { IdleTimeout = TimeSpan.FromDays(25) } },
        { nameof(AmpOptions.CancellationGracePeriod), new AmpOptions { CancellationGracePeriod = TimeSpan.MaxValue } },
        { nameof(AmpOptions.ExitGracePeriod), new AmpOptions { ExitGracePeriod = TimeSpan.FromTicks(-1) } },
        { nameof(AmpOptions.MaxLineBytes), new AmpOptions { MaxLineBytes = 0 } },
        { nameof(AmpOptions.CliPath), new AmpOptions { CliPath = "/opt/amp\0" } },
        { nameof(AmpOptions.WorkingDirectory), new AmpOptions { WorkingDirectory = "" } },
        { nameof(AmpOptions.WorkingDirectory), new AmpOptions { WorkingDirectory = "a\0b" } },
        { nameof(AmpOptions.WorkingDirectory), new AmpOptions { WorkingDirectory = "/nowhere/at/all" } },
        { nameof(AmpOptions.WorkingDirectory), new AmpOptions { WorkingDirectory = typeof(OptionCheckTests).Assembly.Location } },
        { nameof(AmpOptions.Environment), new AmpOptions { Environment = new Dictionary<string, string?> { ["A=B"] = "1" } } },
        { nameof(AmpOptions.Environment), new AmpOptions { Environment = new Dictionary<string, string?> { ["A\0"] = "1" } } },
        { nameof(AmpOptions.Environment), new AmpOptions { Environment = new Dictionary<string, string?> { [""] = "1" } } },
        { nameof(AmpOptions.Environment), new AmpOptions { Environment = new Dictionary<string, string?> { ["A"] = "1\0" } } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task An_option_that_cannot_be_used_is_refused_by_name(string name, AmpOptions options)
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(() => AmpClient.Preview("hi", options));
        Assert.Equal((AmpErrorId.InvalidOption, name), (error.ErrorId, error.OptionName));
        Assert.NotNull(error.RecommendedAction);
        Assert.DoesNotContain('\0', error.Message);
        RunOutcome outcome = await RunOutcome.OfAsync(AmpClient.PlanAsync("hi", options, CancellationToken.None), "hi", CancellationToken.None);
        Assert.Equal(name, outcome.Failed<AmpValidationException>(AmpErrorId.InvalidOption).OptionName);
    }

    [Fact]
    public async Task The_CLI_cannot_be_asked_with_a_path_that_is_none()
    {
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(
            () => ShellCli.AskAsync(new AmpOptions { CliPath = "a\0b" }, null));
        Assert.Equal(nameof(AmpOptions.CliPath), error.OptionName);
    }

    [Fact]
    public async Task A_CLI_that_is_not_there_is_told_before_anything_else_happens()
    {
        using FakeRun run = new();
        string missing = run.Mark("missing");
        run.Options = run.Options with { CliPath = missing };
        AmpCliNotFoundException error = (await run.RunAsync()).Failed<AmpCliNotFoundException>(AmpErrorId.CliNotFound);
        Assert.Equal(missing, error.Path);
        Assert.Throws<AmpCliNotFoundException>(() => AmpClient.Preview("hi", run.Options));
    }

    [Fact]
    public async Task The_agent_works_in_the_folder_that_was_given()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        RunOutcome outcome = await run.RunAsync();
        Assert.Equal(run.Project, Assert.IsType<SystemMessage>(outcome.Messages[0]).Cwd);
        Assert.Equal(run.Project, run.Record.WorkingDirectory);
    }

    [Fact]
    public async Task Options_can_be_used_again_and_are_not_changed()
    {
        using FakeRun run = new(new FakeCliScript().Init().Result("done"));
        AmpOptions before = run.Options with { };
        (await run.RunAsync()).Succeeded("done");
        Assert.Equal(before, run.Options);
        (await run.RunAsync()).Succeeded("done");
    }
}
