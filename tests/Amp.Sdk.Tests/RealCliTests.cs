using Amp.Processes;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests;

/// <summary>What the real CLIs do without a service. A test is skipped where npm has not installed them.</summary>
public sealed class RealCliTests : IDisposable
{
    private const string ClosedPort = "http://127.0.0.1:1";

    private readonly PrivateHome _home = new();
    private readonly string _mark = Guid.NewGuid().ToString("N");

    [Theory]
    [InlineData(RealCliBuild.January2026, "0.0.1767830505-ga62310", "2026-01-08", CliForm.Node, "free,rush,smart")]
    [InlineData(RealCliBuild.March2026, "0.0.1774310664-gcb98ac", "2026-03-24", CliForm.Node, "deep,free,large,rush,smart")]
    [InlineData(RealCliBuild.September2026, "0.0.1790142911-g7618fb", "2026-09-23", CliForm.Native, "low,medium,high,ultra")]
    public async Task A_real_CLI_tells_what_it_is(RealCliBuild build, string version, string date, CliForm form, string modes)
    {
        AmpOptions options = Options(build);
        AmpCli cli = await ShellCli.AskAsync(options, null);
        Assert.Equal((version, form, options.CliPath), (cli.Version, cli.Form, cli.Path));
        Assert.Equal(date, cli.ReleaseDate!.Value.UtcDateTime.ToString("yyyy-MM-dd", null));
        Assert.Equal(modes.Split(','), cli.Capabilities.Modes);
        Assert.Equal(Help.Of(date).Options, cli.Capabilities.Options);
        Assert.Equal(Help.Of(date).Commands, cli.Capabilities.Commands);
        Assert.Single(Directory.GetFiles(Path.Combine(_home.Root, ".cache", "amp-sdk-dotnet")));
        NothingIsLeft();
    }

    [Theory]
    [InlineData(RealCliBuild.March2026, null)]
    [InlineData(RealCliBuild.January2026, "T-01a1fbd7-0c6f-734a-b675-4e105a21993a")]
    [InlineData(RealCliBuild.September2026, "T-01a1fbd7-0c6f-734a-b675-4e105a21993a")]
    [InlineData(RealCliBuild.March2026, "T-01a1fbd7-0c6f-734a-b675-4e105a21993a")]
    public async Task Without_a_service_a_real_CLI_says_so(RealCliBuild build, string? thread)
    {
        RunOutcome outcome = await RunAsync(Options(build, ("AMP_URL", ClosedPort), ("AMP_API_KEY", "sgamp_user_canary")) with { ThreadId = thread });
        AmpProcessException error = outcome.Failed<AmpProcessException>(AmpErrorId.ServiceUnreachable);
        Assert.Equal(1, error.ExitCode);
        Assert.Empty(outcome.Messages);
        Assert.DoesNotContain('\u001b', outcome.Everything);
        Assert.DoesNotContain("canary", outcome.Everything, StringComparison.Ordinal);
        NothingIsLeft();
    }

    [Fact]
    public async Task Without_a_service_the_CLI_of_January_says_so_in_its_result()
    {
        AmpOptions options = Options(RealCliBuild.January2026, ("AMP_URL", ClosedPort), ("AMP_API_KEY", "sgamp_user_canary"));
        RunOutcome outcome = await RunAsync(options);
        Assert.Null(outcome.Error);
        AmpAgentException error = new(Assert.IsType<ErrorResultMessage>(outcome.Result));
        Assert.Equal((AmpErrorId.ServiceUnreachable, "Connection error."), (error.ErrorId, error.Message));
        Assert.Contains("AMP_URL", error.RecommendedAction, StringComparison.Ordinal);
        NothingIsLeft();
    }

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.May2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task Without_a_latest_thread_a_real_CLI_says_so(RealCliBuild build)
    {
        RunOutcome outcome = await RunAsync(
            Options(build, ("AMP_URL", ClosedPort), ("AMP_API_KEY", "sgamp_user_canary")) with { ContinueLatestThread = true });
        outcome.Failed<AmpProcessException>(AmpErrorId.ThreadNotFound);
        NothingIsLeft();
    }

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.May2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task Without_a_key_a_real_CLI_is_ended_instead_of_waiting_for_a_login(RealCliBuild build)
    {
        RunOutcome outcome = await RunAsync(Options(build, ("AMP_URL", ClosedPort)));
        outcome.Failed<AmpAuthenticationException>(AmpErrorId.NotAuthenticated);
        Assert.DoesNotContain("authToken", outcome.Everything, StringComparison.Ordinal);
        NothingIsLeft();
    }

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    public async Task A_mode_that_a_real_CLI_lacks_is_told_as_such(RealCliBuild build)
    {
        RunOutcome outcome = await RunAsync(
            Options(build, ("AMP_URL", ClosedPort), ("AMP_API_KEY", "sgamp_user_canary")) with { Mode = "--version" });
        outcome.Failed<AmpValidationException>(AmpErrorId.UnsupportedByCli);
    }

    public void Dispose() => _home.Dispose();

    private Task<RunOutcome> RunAsync(AmpOptions options)
    {
        _home.WithAnswersOfClis();
        return RunOutcome.OfAsync(AmpClient.PlanAsync("hi", options), "hi", CancellationToken.None).WaitAsync(FakeRun.HangLimit);
    }

    private AmpOptions Options(RealCliBuild build, params (string Name, string Value)[] variables)
    {
        string? path = RepositoryLayout.RealCli(build);
        Assert.SkipWhen(path is null, "Run 'npm ci --prefix tests/cli' to have the real CLIs.");
        Dictionary<string, string?> environment = _home.Environment();
        environment["AMP_TEST_MARK"] = _mark;
        foreach ((string name, string value) in variables)
        {
            environment[name] = value;
        }

        return new AmpOptions { CliPath = path, WorkingDirectory = _home.Project, Environment = environment };
    }

    private void NothingIsLeft() => Assert.Empty(MarkedProcesses.Find(_mark));
}
