using Microsoft.Extensions.Options;

namespace Amp;

/// <summary>A step that changes the options of a client.</summary>
/// <param name="Name">The name of the options.</param>
/// <param name="Change">Returns the options with the change.</param>
internal sealed record ClientOptionsStep(string Name, Func<IServiceProvider, AmpOptions, AmpOptions> Change);

/// <summary>Creates the options of clients. Options are immutable, so a step returns changed options instead of setting properties.</summary>
internal sealed class ClientOptionsFactory : OptionsFactory<AmpOptions>
{
    private readonly IServiceProvider _provider;
    private readonly IEnumerable<ClientOptionsStep> _steps;

    public ClientOptionsFactory(
        IServiceProvider provider,
        IEnumerable<ClientOptionsStep> steps,
        IEnumerable<IConfigureOptions<AmpOptions>> setups,
        IEnumerable<IPostConfigureOptions<AmpOptions>> postConfigures,
        IEnumerable<IValidateOptions<AmpOptions>> validations)
        : base(setups, postConfigures, validations)
    {
        _provider = provider;
        _steps = steps;
    }

    protected override AmpOptions CreateInstance(string name)
    {
        try
        {
            return _steps.Where(step => step.Name == name).Aggregate(new AmpOptions(), (options, step) => step.Change(_provider, options));
        }
        catch (AmpValidationException exception)
        {
            throw new OptionsValidationException(name, typeof(AmpOptions), [ClientOptionsCheck.TextOf(exception)]);
        }
    }
}

/// <summary>Checks options as a run would, without starting one.</summary>
internal sealed class ClientOptionsCheck : IValidateOptions<AmpOptions>
{
    public static string TextOf(AmpException exception) => $"{exception.Message} {exception.RecommendedAction}".TrimEnd();

    public ValidateOptionsResult Validate(string? name, AmpOptions options)
    {
        try
        {
            _ = new AgentClient(options).Preview("Check the options.");
            return ValidateOptionsResult.Success;
        }
        catch (Exception exception) when (exception is AmpCliNotFoundException or AmpBudgetException)
        {
            // A CLI can be installed, and a limit raised, while the program runs. The health check reports the CLI.
            return ValidateOptionsResult.Success;
        }
        catch (AmpException exception)
        {
            return ValidateOptionsResult.Fail(TextOf(exception));
        }
    }
}
