using Amp.Services;

namespace Amp.Plans;

/// <summary>The services that options ask for.</summary>
internal static class RunServices
{
    /// <summary>The services of a run with these options; none of them is open.</summary>
    /// <exception cref="AmpValidationException">What a service was given cannot be used.</exception>
    public static IReadOnlyList<IRunService> Of(AmpOptions options)
    {
        List<IRunService> services = [];
        if (options.Tools is { Count: > 0 })
        {
            services.Add(new ToolService(options));
        }

        ToolboxService? toolbox = options.Toolbox is null ? null : new ToolboxService(options);
        if (toolbox is not null)
        {
            services.Add(toolbox);
        }

        if (options.OutputSchema is not null)
        {
            services.Add(new OutputService(options));
        }

        if (options.Approval is not null)
        {
            services.Add(new ApprovalService(options, tool => toolbox?.Names.Own(tool) ?? tool));
        }

        return services;
    }

    /// <summary>Those that a run on this CLI needs; the CLI is null before it is known.</summary>
    public static IReadOnlyList<IRunService> For(IReadOnlyList<IRunService> services, AmpCli? cli) => [.. services.Where(service => service.IsFor(cli))];

    /// <summary>What they will contribute to a run on this CLI.</summary>
    public static RunContribution Planned(IReadOnlyList<IRunService> services, AmpCli? cli) =>
        RunContribution.Merge(For(services, cli).Select(service => service.Planned));
}
