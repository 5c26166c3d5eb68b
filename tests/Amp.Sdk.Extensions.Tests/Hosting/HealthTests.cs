using Amp.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Amp.Sdk.Extensions.Tests.Hosting;

public sealed class HealthTests
{
    [Fact]
    public async Task A_CLI_that_answers_is_healthy_and_no_run_is_started()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        using TestHost host = HostOf(chat.Options, checks => checks.AddAmp());
        HealthReportEntry entry = (await CheckAsync(host)).Entries["amp"];
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal(RepositoryLayout.FakeCli, entry.Data["cliPath"]);
        Assert.NotEmpty((string)entry.Data["cliVersion"]);
        Assert.DoesNotContain(FakeCliRecord.ReadAll(chat.Log), record => record.Kind is "Run" or "Command");
    }

    [Fact]
    public async Task A_missing_CLI_has_the_status_of_the_registration_with_the_reason_and_the_way_out()
    {
        using FakeChat chat = new(new FakeCliScript().Echo());
        using TestHost host = HostOf(
            chat.Options with { CliPath = Path.Combine(Path.GetTempPath(), "no-such-amp") }, checks => checks.AddAmp("agent", failureStatus: HealthStatus.Degraded, tags: ["ready"]));
        HealthReportEntry entry = (await CheckAsync(host)).Entries["agent"];
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal(AmpErrorId.CliNotFound, entry.Data["errorId"]);
        Assert.Contains("no-such-amp", entry.Description, StringComparison.Ordinal);
        Assert.Equal(["ready"], entry.Tags);
    }

    [Fact]
    public async Task Options_that_cannot_be_used_are_unhealthy()
    {
        using TestHost host = TestHost.With(services =>
        {
            services.AddAmp("review", TestHost.Configuration(("Timout", "1"))).Services.AddHealthChecks().AddAmp(clientName: "review");
        });
        HealthReportEntry entry = (await CheckAsync(host)).Entries["amp"];
        Assert.Equal((HealthStatus.Unhealthy, AmpErrorId.InvalidOption), (entry.Status, entry.Data["errorId"]));
    }

    [Fact]
    public async Task The_service_is_asked_once_a_minute()
    {
        using FakeChat chat = new(new FakeCliScript().Out("Signed in as me").Exit(0));
        ManualTime time = new();
        AmpOptions options = chat.Options with { Environment = new Dictionary<string, string?>(chat.Options.Environment!) { ["AMP_API_KEY"] = "sgamp_user_canary" } };
        using TestHost host = HostOf(options, checks => checks.AddAmp(checksService: true).Services.AddSingleton<TimeProvider>(time));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host)).Status);
        }

        Assert.Equal(1, Asked());
        time.Pass(TimeSpan.FromSeconds(61));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host)).Status);
        Assert.Equal(2, Asked());

        int Asked() => FakeCliRecord.ReadAll(chat.Log).Count(record => record.Kind == "Command");
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_is_the_reason_although_no_key_was_seen()
    {
        using FakeChat chat = new(new FakeCliScript().Error("Couldn't connect to the Amp server").Exit(1));
        using TestHost host = HostOf(chat.Options, checks => checks.AddAmp(checksService: true));
        HealthReportEntry entry = (await CheckAsync(host)).Entries["amp"];
        Assert.Equal((HealthStatus.Unhealthy, AmpErrorId.ServiceUnreachable), (entry.Status, entry.Data["errorId"]));
    }

    [Fact]
    public async Task A_service_that_refuses_the_key_is_unhealthy_and_the_key_is_not_told()
    {
        const string Right = "the-right-key-0123456789";
        await using RealChat real = await RealChat.StartAsync("""{ "rules": [] }""", acceptedKey: Right);
        using TestHost refused = HostOf(real.Options, checks => checks.AddAmp(checksService: true));
        HealthReportEntry entry = (await CheckAsync(refused)).Entries["amp"];
        Assert.True(entry.Status == HealthStatus.Unhealthy, entry.Description);
        Assert.Equal(AmpErrorId.NotAuthenticated, entry.Data["errorId"]);
        Assert.DoesNotContain("canary", entry.Description + string.Concat(entry.Data.Values), StringComparison.Ordinal);
        Dictionary<string, string?> environment = new(real.Options.Environment!) { ["AMP_API_KEY"] = Right };
        using TestHost accepted = HostOf(real.Options with { Environment = environment }, checks => checks.AddAmp(checksService: true));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(accepted)).Status);
    }

    private static TestHost HostOf(AmpOptions options, Action<IHealthChecksBuilder> register) => TestHost.With(services =>
    {
        services.AddAmp().Configure(_ => options);
        register(services.AddHealthChecks());
    });

    private static Task<HealthReport> CheckAsync(TestHost host) =>
        host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

    private sealed class ManualTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Pass(TimeSpan time) => _now += time.Ticks;
    }
}
