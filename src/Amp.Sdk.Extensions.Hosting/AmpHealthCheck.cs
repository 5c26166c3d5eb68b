using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Amp;

/// <summary>Checks what the runs of a client require.</summary>
internal sealed class AmpHealthCheck : IHealthCheck
{
    private readonly IServiceProvider _provider;
    private readonly string? _clientName;
    private readonly ServiceAnswer? _answer;

    /// <summary>Creates a check.</summary>
    /// <param name="provider">The services.</param>
    /// <param name="clientName">The key of the client; null for the client without a key.</param>
    /// <param name="answer">What the service said last; null if it is not asked.</param>
    public AmpHealthCheck(IServiceProvider provider, string? clientName, ServiceAnswer? answer)
    {
        _provider = provider;
        _clientName = clientName;
        _answer = answer;
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        IAmpClient client = _clientName is null ? _provider.GetRequiredService<IAmpClient>() : _provider.GetRequiredKeyedService<IAmpClient>(_clientName);
        Dictionary<string, object> data = [];
        try
        {
            AmpOptions options = client is HostedClient hosted ? hosted.CurrentOptions() : client.Options;
            AmpCli cli = await client.GetCliAsync(options, cancellationToken).ConfigureAwait(false);
            data["cliVersion"] = cli.Version;
            data["cliPath"] = cli.Path;
            if (_answer is not null)
            {
                ConnectionCheck[] checks = await _answer.GetAsync(options, _provider.GetService<TimeProvider>() ?? TimeProvider.System, cancellationToken).ConfigureAwait(false);

                // A check without an ID could not be made, because of another one.
                if ((Array.Find(checks, check => check is { Passed: false, ErrorId: not null }) ?? Array.Find(checks, check => !check.Passed)) is ConnectionCheck failed)
                {
                    return Failure(context, failed.Detail, failed.RecommendedAction, failed.ErrorId, data);
                }
            }

            return HealthCheckResult.Healthy($"Amp CLI {cli.Version} at {cli.Path}", data);
        }
        catch (AmpException exception)
        {
            return Failure(context, exception.Message, exception.RecommendedAction, exception.ErrorId, data);
        }
    }

    private static HealthCheckResult Failure(HealthCheckContext context, string reason, string? advice, string? errorId, Dictionary<string, object> data)
    {
        if (errorId is not null)
        {
            data["errorId"] = errorId;
        }

        return new HealthCheckResult(context.Registration.FailureStatus, $"{reason} {advice}".TrimEnd(), exception: null, data);
    }
}

/// <summary>What the service said last. Health is asked for every few seconds, and each question to the service is a start of the CLI.</summary>
internal sealed class ServiceAnswer
{
    private static readonly TimeSpan s_age = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly object _lock = new();
    private Task<ConnectionCheck[]>? _asking;
    private long _askedAt;
    private AmpOptions? _askedWith;

    /// <summary>Gets the checks of the connection, which are made again when they are a minute old or the options have changed.</summary>
    public Task<ConnectionCheck[]> GetAsync(AmpOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            bool isOld = _asking is null || _asking.IsFaulted || _asking.IsCanceled || !ReferenceEquals(_askedWith, options)
                || time.GetElapsedTime(_askedAt) >= s_age;
            if (isOld)
            {
                // Several may wait for it, so no one of them cancels it.
                _asking = AskAsync(options);
                _askedAt = time.GetTimestamp();
                _askedWith = options;
            }

            return _asking!.WaitAsync(cancellationToken);
        }
    }

    private static async Task<ConnectionCheck[]> AskAsync(AmpOptions options)
    {
        List<ConnectionCheck> checks = [];
        await foreach (ConnectionCheck check in new AccountClient(options with { Timeout = s_limit }).TestAsync().ConfigureAwait(false))
        {
            checks.Add(check);
        }

        return [.. checks];
    }
}
