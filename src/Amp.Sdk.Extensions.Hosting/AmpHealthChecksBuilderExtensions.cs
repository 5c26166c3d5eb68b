using Amp;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers health checks for the requirements of runs of the Amp agent.</summary>
public static class AmpHealthChecksBuilderExtensions
{
    /// <summary>
    /// Registers a health check of a registered client: its options can be used, and its CLI is found and answers with its version. Checking the service too
    /// starts the CLI, so its answer is used for one minute. The check never starts a run or a login.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the health check.</param>
    /// <param name="clientName">The key of the client; null for the client without a key.</param>
    /// <param name="checksService">Whether the check also calls the service, which verifies that the service accepts the key.</param>
    /// <param name="failureStatus">The status of a failure; null for <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to filter health checks; null for none.</param>
    /// <param name="timeout">The time limit of a check; null for none.</param>
    public static IHealthChecksBuilder AddAmp(
        this IHealthChecksBuilder builder,
        string name = "amp",
        string? clientName = null,
        bool checksService = false,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ServiceAnswer? answer = checksService ? new ServiceAnswer() : null;
        return builder.Add(new HealthCheckRegistration(name, provider => new AmpHealthCheck(provider, clientName, answer), failureStatus, tags, timeout));
    }
}
