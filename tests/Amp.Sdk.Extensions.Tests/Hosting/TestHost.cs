using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Amp.Sdk.Extensions.Tests.Hosting;

/// <summary>A host with nothing but what a test registers, and its log.</summary>
internal sealed class TestHost : IDisposable
{
    private readonly IHost _host;

    private TestHost(IHost host, LogCapture log)
    {
        _host = host;
        Log = log;
    }

    public LogCapture Log { get; }

    public IServiceProvider Services => _host.Services;

    public IAmpClient Client => Services.GetRequiredService<IAmpClient>();

    public static TestHost With(Action<IServiceCollection> register)
    {
        LogCapture log = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        register(builder.Services);
        return new TestHost(builder.Build(), log);
    }

    public static IConfigurationRoot Configuration(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Key, value.Value))).Build();

    public Task StartAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    public void Dispose() => _host.Dispose();
}
