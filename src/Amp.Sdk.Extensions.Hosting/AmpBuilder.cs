using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Amp;

/// <summary>Sets the options and limits of a registered client. Its options are created in the order of the calls.</summary>
public sealed class AmpBuilder
{
    internal AmpBuilder(IServiceCollection services, string name)
    {
        Services = services;
        Name = name;
    }

    /// <summary>The services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The key of the client and the name of its options; empty for the client without a key.</summary>
    public string Name { get; }

    /// <summary>
    /// Reads options from a configuration. If it changes while the program runs, the next run uses the new options. Its keys are the properties of
    /// <see cref="AmpOptions"/> that are strings, numbers, times, booleans or lists of strings; <c>Environment</c>; <c>ApiKey</c>, which belongs in a store for
    /// secrets; and <c>Permissions</c>, a list of rules with <c>Action</c>, <c>Tool</c> or <c>Kind</c>, <c>Command</c>, <c>Path</c> and <c>Message</c>.
    /// </summary>
    /// <param name="configuration">The section with the options.</param>
    /// <exception cref="OptionsValidationException">At the start of the host: a key is not an option, or a value cannot be used.</exception>
    public AmpBuilder Bind(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Services.AddSingleton<IOptionsChangeTokenSource<AmpOptions>>(new ConfigurationChangeTokenSource<AmpOptions>(Name, configuration));
        return Configure(options => ConfiguredOptions.Of(configuration, options));
    }

    /// <summary>Changes the options.</summary>
    /// <param name="change">A function that gets the current options and returns the changed ones: <c>options => options with { ... }</c>.</param>
    public AmpBuilder Configure(Func<AmpOptions, AmpOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Configure((_, options) => change(options));
    }

    /// <summary>Changes the options with other services, for approvals, tools and verifications.</summary>
    /// <param name="change">A function that gets the services, which exist as long as the program, and the current options, and returns the changed ones.</param>
    public AmpBuilder Configure(Func<IServiceProvider, AmpOptions, AmpOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        Services.AddSingleton(new ClientOptionsStep(Name, change));
        return this;
    }

    /// <summary>
    /// Registers an <see cref="AmpBudget"/> as a singleton that all runs of this client use together: with the key of the client, or without a key.
    /// </summary>
    /// <param name="create">Creates the budget, at its first use.</param>
    public AmpBuilder AddBudget(Func<IServiceProvider, AmpBudget> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        if (Name.Length > 0)
        {
            Services.AddKeyedSingleton(Name, (provider, _) => create(provider));
            return Configure((provider, options) => options with { Budget = provider.GetRequiredKeyedService<AmpBudget>(Name) });
        }

        Services.AddSingleton(create);
        return Configure((provider, options) => options with { Budget = provider.GetRequiredService<AmpBudget>() });
    }

    /// <summary>
    /// Limits how many runs of this process are active at the same time (<see cref="AmpThrottle"/>). The limit applies from the first use of a
    /// client. The last call applies.
    /// </summary>
    /// <param name="limit">The number of runs.</param>
    /// <exception cref="AmpValidationException">The number is below 1.</exception>
    public AmpBuilder AddThrottle(int limit)
    {
        Services.RemoveAll<ProcessThrottle>();
        Services.AddSingleton(new ProcessThrottle(limit));
        return this;
    }
}
