using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Amp;

/// <summary>The client that a host registers. Each call uses the current options, and runs are logged.</summary>
internal sealed class HostedClient : AgentClient
{
    // Shared by all clients, so that a number names one run in the log.
    private static long s_runs;

    private readonly IOptionsMonitor<AmpOptions> _options;
    private readonly IOptionsMonitorCache<AmpOptions> _made;
    private readonly string _name;
    private readonly SafeLogger _logger;

    public HostedClient(IOptionsMonitor<AmpOptions> options, IOptionsMonitorCache<AmpOptions> made, string name, ILogger logger)
    {
        _options = options;
        _made = made;
        _name = name;
        _logger = new SafeLogger(logger);
    }

    /// <exception cref="AmpValidationException">The configuration has changed to options that cannot be used.</exception>
    public override AmpOptions Options
    {
        get
        {
            try
            {
                return CurrentOptions();
            }
            catch (AmpValidationException exception)
            {
                // A chat client or an agent reads the options before it plans the run, and then no run is planned.
                LogRefusal(exception);
                throw;
            }
        }
    }

    /// <summary>Gets the options without a log entry if they cannot be used, for health checks, which report that themselves every few seconds.</summary>
    /// <exception cref="AmpValidationException">The configuration has changed to options that cannot be used.</exception>
    public AmpOptions CurrentOptions()
    {
        try
        {
            return _options.Get(_name);
        }
        catch (OptionsValidationException exception)
        {
            // The monitor would repeat the error until the configuration changes, even if the missing folder exists by then.
            _made.TryRemove(_name);
            throw new AmpValidationException(
                $"The options of the client{(_name.Length > 0 ? $" '{_name}'" : string.Empty)} cannot be used: {string.Join(' ', exception.Failures)}",
                nameof(Options),
                "Fix the configuration. The next run uses it.");
        }
    }

    public override Task<RunPlan> PlanAsync(string prompt, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        RefusalLoggedAsync(() => base.PlanAsync(prompt, options, cancellationToken));

    public override Task<RunPlan> PlanAsync(
        IAsyncEnumerable<UserInputMessage> messages, AmpOptions? options = null, CancellationToken cancellationToken = default) =>
        RefusalLoggedAsync(() => base.PlanAsync(messages, options, cancellationToken));

    public override IAsyncEnumerable<AmpEvent> StreamAsync(RunPlan plan, CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<AmpEvent> events = base.StreamAsync(plan, cancellationToken);
        return _logger.IsEnabled(LogLevel.Error) ? RunLog.ObserveAsync(events, plan, Interlocked.Increment(ref s_runs), _logger, CancellationToken.None) : events;
    }

    private async Task<RunPlan> RefusalLoggedAsync(Func<Task<RunPlan>> plan)
    {
        try
        {
            return await plan().ConfigureAwait(false);
        }
        catch (AmpException exception) when (exception is not AmpValidationException { OptionName: nameof(Options) })
        {
            // The property has logged the refusal of the client's own options.
            LogRefusal(exception);
            throw;
        }
    }

    private void LogRefusal(AmpException exception) => RunEvents.Refused(_logger, exception.ErrorId, RunLog.InOneLine(exception.Message));
}
