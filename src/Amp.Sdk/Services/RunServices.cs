using Amp.Approval;
using Amp.Tools;

namespace Amp.Services;

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

        if (options.Approval is not null)
        {
            services.Add(new ApprovalService(options));
        }

        return services;
    }
}
