using Amp.Services;

namespace Amp.Plans;

/// <summary>The services of a run, and the planned contribution of each; none of them is open.</summary>
internal sealed class RunServices
{
    private readonly PlannedService[] _all;

    public RunServices(IEnumerable<IRunService> services) => _all = [.. services.Select(service => new PlannedService(service, service.Planned))];

    /// <summary>Whether one of them asks the caller about tool calls.</summary>
    public bool Ask => Array.Exists(_all, one => one.Contribution.Approver is not null);

    /// <summary>Whether one of them is a server that the CLI connects to.</summary>
    public bool Listen => Array.Exists(_all, one => one.Contribution.McpServers.Count > 0);

    /// <summary>The services that options request.</summary>
    /// <exception cref="AmpValidationException">An option of a service cannot be used.</exception>
    public static RunServices Of(AmpOptions options)
    {
        List<IRunService> services = [];
        if (options.Tools is { Count: > 0 })
        {
            services.Add(new ToolService(options));
        }

        ToolboxService? toolbox = options.Toolbox is null || options.Transport?.IsReplay == true ? null : new ToolboxService(options);
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

        return new RunServices(services);
    }

    /// <summary>Gets the services that a run on this CLI requires. The CLI is null before it is known.</summary>
    public IReadOnlyList<IRunService> For(AmpCli? cli) => [.. _all.Select(one => one.Service).Where(service => service.IsFor(cli))];

    /// <summary>Gets their planned contributions to a run on this CLI.</summary>
    public RunContribution PlannedFor(AmpCli? cli) =>
        RunContribution.Merge(_all.Where(one => one.Service.IsFor(cli)).Select(one => one.Contribution));

    private sealed record PlannedService(IRunService Service, RunContribution Contribution);
}
