using Amp.Cli;

namespace Amp.Execution;

/// <summary>The address of the service of a run, if this process can reach it in the same way as the CLI.</summary>
internal static class ServiceAddress
{
    private const string Variable = "AMP_URL";

    private static readonly Uri s_default = new("https://ampcode.com/");
    private static readonly string[] s_proxies = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

    /// <summary>
    /// Gets the address; null if the CLI exits by itself when its service is lost, if it uses a proxy or works on another machine, or if settings that this library
    /// does not evaluate may name another service.
    /// </summary>
    public static Uri? Of(RunPlan plan)
    {
        if (!plan.Transport.IsLocal || !CliChoice.TriesForEver(plan.Cli))
        {
            return null;
        }

        string? named = plan.Environment.GetValueOrDefault(Variable);
        Uri? service = string.IsNullOrEmpty(named) ? (plan.Settings.NamesService ? null : s_default)
            : Uri.TryCreate(named, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" ? address
            : null;
        return service is null || service.IsLoopback || !GoesByProxy(plan.Environment) ? service : null;
    }

    private static bool GoesByProxy(IReadOnlyDictionary<string, string> environment) =>
        environment.Any(variable => variable.Value.Length > 0 && s_proxies.Contains(variable.Key, StringComparer.OrdinalIgnoreCase));
}
