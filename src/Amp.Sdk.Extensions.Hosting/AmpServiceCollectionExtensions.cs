using Amp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers clients of the Amp agent.</summary>
public static class AmpServiceCollectionExtensions
{
    /// <summary>
    /// Registers an <see cref="IAmpClient"/> as a singleton that logs its runs. Its options are the unnamed <see cref="AmpOptions"/> of
    /// <see cref="IOptionsMonitor{TOptions}"/>, which are checked when the host starts.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <returns>A builder for the options of the client.</returns>
    public static AmpBuilder AddAmp(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<IAmpClient>(provider => Create(provider, Options.Options.DefaultName));
        return Add(services, Options.Options.DefaultName);
    }

    /// <summary>Registers the client with options from a configuration; see <see cref="AmpBuilder.Bind"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The section with the options, such as <c>builder.Configuration.GetSection("Amp")</c>.</param>
    /// <returns>A builder for the options of the client.</returns>
    public static AmpBuilder AddAmp(this IServiceCollection services, IConfiguration configuration) => services.AddAmp().Bind(configuration);

    /// <summary>
    /// Registers an <see cref="IAmpClient"/> as a singleton with a key, in addition to others. Its options are the <see cref="AmpOptions"/> with the same
    /// name.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the client and the name of its options.</param>
    /// <returns>A builder for the options of the client.</returns>
    public static AmpBuilder AddAmp(this IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        services.TryAddKeyedSingleton<IAmpClient>(name, (provider, _) => Create(provider, name));
        return Add(services, name);
    }

    /// <summary>Registers the client with a key with options from a configuration; see <see cref="AmpBuilder.Bind"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the client and the name of its options.</param>
    /// <param name="configuration">The section with the options.</param>
    /// <returns>A builder for the options of the client.</returns>
    public static AmpBuilder AddAmp(this IServiceCollection services, string name, IConfiguration configuration) => services.AddAmp(name).Bind(configuration);

    private static AmpBuilder Add(IServiceCollection services, string name)
    {
        services.AddOptions<AmpOptions>(name).ValidateOnStart();
        services.TryAddTransient<IOptionsFactory<AmpOptions>, ClientOptionsFactory>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AmpOptions>, ClientOptionsCheck>());
        return new AmpBuilder(services, name);
    }

    private static HostedClient Create(IServiceProvider provider, string name)
    {
        provider.GetService<ProcessThrottle>()?.Apply();
        ILoggerFactory loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        return new HostedClient(
            provider.GetRequiredService<IOptionsMonitor<AmpOptions>>(),
            provider.GetRequiredService<IOptionsMonitorCache<AmpOptions>>(),
            name,
            loggers.CreateLogger<AgentClient>());
    }
}
