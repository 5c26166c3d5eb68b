using Amp.LocalService;
using Amp.LocalService.Scenarios;
using Amp.Testing;

namespace Amp.Sdk.Extensions.Tests;

/// <summary>The options of runs on a real CLI against a service in this process, in a home of its own.</summary>
internal sealed class RealChat : IAsyncDisposable
{
    private readonly PrivateHome _home;

    private RealChat(LocalAmpService service, PrivateHome home, AmpOptions options)
    {
        Service = service;
        _home = home;
        Options = options;
    }

    public LocalAmpService Service { get; }

    public AmpOptions Options { get; }

    public static async Task<RealChat> StartAsync(string scenario, string? acceptedKey = null)
    {
        string? cli = RepositoryLayout.RealCli(RealCliBuild.March2026);
        Assert.SkipWhen(cli is null, "Run 'npm ci --prefix tests/cli' to have the real CLIs.");
        PrivateHome home = new PrivateHome().WithAnswersOfClis();
        LocalAmpService service = await LocalAmpService.StartAsync(new LocalServiceOptions { Scenario = Scenario.Parse(scenario), ApiKey = acceptedKey });
        Dictionary<string, string?> environment = home.Environment();
        environment["AMP_URL"] = service.Url;
        environment["AMP_API_KEY"] = "sgamp_user_canary";
        return new RealChat(
            service, home, new AmpOptions { CliPath = cli, WorkingDirectory = home.Project, Environment = environment, Timeout = FakeChat.HangLimit });
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _home.Dispose();
    }
}
