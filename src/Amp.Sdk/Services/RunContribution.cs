using Amp.Permissions;

namespace Amp.Services;

/// <summary>The additions of a run's service to the input of the CLI.</summary>
internal sealed record RunContribution
{
    public static readonly RunContribution Nothing = new();

    /// <summary>MCP servers, in addition to those of the call.</summary>
    public IReadOnlyList<McpServer> McpServers { get; init; } = [];

    /// <summary>Names or patterns of tools that stay enabled even if the call limits the enabled tools.</summary>
    public IReadOnlyList<string> EnabledTools { get; init; } = [];

    /// <summary>The program for calls with an Ask rule, or without a rule; null if nobody can be asked.</summary>
    public string? Approver { get; init; }

    /// <summary>
    /// The maximum time that the CLI may have to wait for a call of the service's tools; zero for no limit, null if the service has no
    /// tools.
    /// </summary>
    public TimeSpan? LongestCall { get; init; }

    /// <summary>Secrets for the redactor that are not recognizable in the other properties.</summary>
    public IReadOnlyList<string> SecretValues { get; init; } = [];

    /// <summary>The toolbox tools that a service offers instead of the CLI.</summary>
    public ToolboxNames Toolbox { get; init; } = ToolboxNames.None;

    /// <summary>Warnings for the caller before the run.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public static RunContribution Merge(IEnumerable<RunContribution> contributions)
    {
        RunContribution[] all = [.. contributions];
        return new RunContribution
        {
            McpServers = [.. all.SelectMany(one => one.McpServers)],
            EnabledTools = [.. all.SelectMany(one => one.EnabledTools)],
            Approver = all.Select(one => one.Approver).FirstOrDefault(one => one is not null),
            LongestCall = Longest(all),
            SecretValues = [.. all.SelectMany(one => one.SecretValues)],
            Toolbox = all.Select(one => one.Toolbox).FirstOrDefault(one => !one.IsEmpty) ?? ToolboxNames.None,
            Warnings = [.. all.SelectMany(one => one.Warnings)],
        };
    }

    // No limit is the longest one.
    private static TimeSpan? Longest(IReadOnlyList<RunContribution> all)
    {
        TimeSpan? longest = null;
        foreach (RunContribution one in all)
        {
            longest = one.LongestCall is not TimeSpan call || longest == TimeSpan.Zero ? longest
                : call == TimeSpan.Zero || longest is null || call > longest ? call
                : longest;
        }

        return longest;
    }
}
