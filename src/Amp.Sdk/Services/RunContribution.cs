using Amp.Permissions;

namespace Amp.Services;

/// <summary>What a service of a run adds to what the CLI is told.</summary>
internal sealed record RunContribution
{
    public static readonly RunContribution Nothing = new();

    /// <summary>MCP servers, beside those of the call.</summary>
    public IReadOnlyList<McpServer> McpServers { get; init; } = [];

    /// <summary>
    /// Rules that stand behind those of the call, the user and what the workspace rejects, and before the CLI's built-in ones: they decide
    /// only what nobody else has decided.
    /// </summary>
    public IReadOnlyList<AmpPermission> LastRules { get; init; } = [];

    /// <summary>Names or globs of tools that stay enabled though the call limits the tools that are offered.</summary>
    public IReadOnlyList<string> EnabledTools { get; init; } = [];

    /// <summary>
    /// The program that is asked where a rule says ask, and where no rule says anything; null where nobody can be asked.
    /// </summary>
    public string? Approver { get; init; }

    /// <summary>
    /// How long the CLI may have to wait for a call of the service's tools; zero for no limit, null where it has none.
    /// </summary>
    public TimeSpan? LongestCall { get; init; }

    /// <summary>Variables for the CLI; they win over the caller's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets that are in none of the above in a form that is known to be one, for the redactor.</summary>
    public IReadOnlyList<string> SecretValues { get; init; } = [];

    /// <summary>The tools of a toolbox that a service offers in the CLI's place.</summary>
    public ToolboxNames Toolbox { get; init; } = ToolboxNames.None;

    /// <summary>What the caller should know before the run.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public static RunContribution Merge(IEnumerable<RunContribution> contributions)
    {
        RunContribution[] all = [.. contributions];
        return new RunContribution
        {
            McpServers = [.. all.SelectMany(one => one.McpServers)],
            LastRules = [.. all.SelectMany(one => one.LastRules)],
            EnabledTools = [.. all.SelectMany(one => one.EnabledTools)],
            Approver = all.Select(one => one.Approver).FirstOrDefault(one => one is not null),
            LongestCall = Longest(all.Select(one => one.LongestCall)),
            Environment = all.SelectMany(one => one.Environment).ToDictionary(),
            SecretValues = [.. all.SelectMany(one => one.SecretValues)],
            Toolbox = all.Select(one => one.Toolbox).FirstOrDefault(one => !one.IsEmpty) ?? ToolboxNames.None,
            Warnings = [.. all.SelectMany(one => one.Warnings)],
        };
    }

    // No limit is longer than any.
    private static TimeSpan? Longest(IEnumerable<TimeSpan?> calls)
    {
        TimeSpan[] limits = [.. calls.OfType<TimeSpan>()];
        return limits.Length == 0 ? null : limits.Contains(TimeSpan.Zero) ? TimeSpan.Zero : limits.Max();
    }
}
