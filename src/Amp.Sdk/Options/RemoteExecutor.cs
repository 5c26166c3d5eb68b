namespace Amp.Options;

/// <summary>
/// A run whose agent works on another machine (<c>--executor</c>, CLIs from September 2026 on): what is of this machine does not reach it.
/// </summary>
internal static class RemoteExecutor
{
    private const string Local = "local";

    /// <summary>Whether the agent is to work somewhere else.</summary>
    public static bool IsAskedFor(AmpOptions options) =>
        options.Executor is string executor && !string.Equals(executor, Local, StringComparison.OrdinalIgnoreCase);

    /// <summary>Refuses what cannot work: the agent would be told of tools, or of somebody to ask, that it cannot reach.</summary>
    /// <exception cref="AmpValidationException">Something was given that is on this machine alone.</exception>
    public static void Check(AmpOptions options)
    {
        if (!IsAskedFor(options))
        {
            return;
        }

        (string Name, bool IsGiven, string What)[] local =
        [
            (nameof(AmpOptions.Tools), options.Tools is { Count: > 0 }, "Tools of this process"),
            (nameof(AmpOptions.Approval), options.Approval is not null, "A decision of this process about each tool call"),
            (nameof(AmpOptions.Toolbox), options.Toolbox is not null, "A toolbox folder"),
            (nameof(AmpOptions.McpServers), options.McpServers?.Any(IsOfThisMachine) == true, "An MCP server that is started or listens here"),
        ];
        foreach ((string name, bool isGiven, string what) in local)
        {
            if (isGiven)
            {
                throw new AmpValidationException(
                    $"{what} cannot be reached from '{TerminalText.Strip(options.Executor!)}', where the agent is to work.",
                    name,
                    $"Omit {name}, or omit Executor so that the agent works here.");
            }
        }
    }

    /// <summary>What is read here, and may not hold there, in words; null where nothing is.</summary>
    public static string? Warning(AmpOptions options)
    {
        if (!IsAskedFor(options))
        {
            return null;
        }

        (string Name, bool IsGiven)[] given =
        [
            (nameof(AmpOptions.Permissions), options.Permissions is { Count: > 0 }),
            (nameof(AmpOptions.EnabledTools), options.EnabledTools is not null),
            (nameof(AmpOptions.DangerouslyAllowAll), options.DangerouslyAllowAll),
            (nameof(AmpOptions.McpServers), options.McpServers is { Count: > 0 }),
            (nameof(AmpOptions.McpConfig), options.McpConfig is not null),
            (nameof(AmpOptions.Skills), options.Skills is not null),
            (nameof(AmpOptions.SettingsFile), options.SettingsFile is not null),
            (nameof(AmpOptions.SystemPrompt), options.SystemPrompt is not null),
        ];
        string[] names = [.. given.Where(option => option.IsGiven).Select(option => option.Name)];
        return names.Length == 0
            ? null
            : $"The agent is to work on '{TerminalText.Strip(options.Executor!)}', and what is set here may not hold there: {string.Join(", ", names)}. "
                + "Settings of the project itself go with it.";
    }

    private static bool IsOfThisMachine(McpServer server) => !server.Disabled && server switch
    {
        McpStdioServer => true,
        McpHttpServer http => Uri.TryCreate(http.Url, UriKind.Absolute, out Uri? url) && url.IsLoopback,
        _ => false,
    };
}
