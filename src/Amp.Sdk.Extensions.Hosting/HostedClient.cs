using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Amp;

/// <summary>The client of a host: the options are those that it has at the time of a call, and runs are logged.</summary>
internal sealed class HostedClient : AgentClient
{
    private readonly IOptionsMonitor<AmpOptions> _options;
    private readonly string _name;
    private readonly ILogger _logger;
    private long _runs;

    public HostedClient(IOptionsMonitor<AmpOptions> options, string name, ILogger logger)
    {
        _options = options;
        _name = name;
        _logger = logger;
    }

    public override AmpOptions Options => _options.Get(_name);

    public override Task<RunPlan> PlanAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        RefusalLoggedAsync(base.PlanAsync(prompt, options, cancellationToken));

    public override Task<RunPlan> PlanAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        RefusalLoggedAsync(base.PlanAsync(messages, options, cancellationToken));

    public override IAsyncEnumerable<AmpEvent> StreamAsync(RunPlan plan, CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<AmpEvent> events = base.StreamAsync(plan, cancellationToken);
        return _logger.IsEnabled(LogLevel.Error) ? RunLog.ObserveAsync(events, plan, Interlocked.Increment(ref _runs), _logger, CancellationToken.None) : events;
    }

    private async Task<RunPlan> RefusalLoggedAsync(Task<RunPlan> plan)
    {
        try
        {
            return await plan.ConfigureAwait(false);
        }
        catch (AmpException exception)
        {
            RunEvents.Refused(_logger, exception.ErrorId, RunLog.InOneLine(exception.Message));
            throw;
        }
    }
}
