namespace Amp.Options;

/// <summary>
/// A run whose agent works on another machine (<c>--executor</c>, CLIs of September 2026 or later), where resources of this machine are not
/// available.
/// </summary>
internal static class RemoteExecutor
{
    private const string Local = "local";

    /// <summary>Returns whether the agent works on another machine.</summary>
    public static bool IsAskedFor(AmpOptions options) =>
        options.Executor is string executor && !string.Equals(executor, Local, StringComparison.OrdinalIgnoreCase);

    /// <summary>Refuses options that cannot work: the agent cannot use tools or approvals of this machine.</summary>
    /// <exception cref="AmpValidationException">An option is only available on this machine.</exception>
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
            (nameof(AmpOptions.OutputSchema), options.OutputSchema is not null, "The tool of this process that receives the structured answer"),
            (nameof(AmpOptions.Checkpoint), options.Checkpoint, "A checkpoint of a folder on this machine"),
            (nameof(AmpOptions.Toolbox), options.Toolbox is not null, "A toolbox folder"),
            (nameof(AmpOptions.McpServers), options.McpServers?.Any(IsOfThisMachine) == true, "An MCP server that is started or listens here"),
        ];
        foreach ((string name, bool isGiven, string what) in local)
        {
            if (isGiven)
            {
                throw new AmpValidationException(
                    $"{what} cannot be reached from '{TerminalText.Strip(options.Executor!)}', where the agent works.",
                    name,
                    $"Omit AmpOptions.{name}, or omit AmpOptions.Executor to run the agent on this machine.");
            }
        }
    }

    /// <summary>Gets a warning about options that are read on this machine and may not apply there; null if there are none.</summary>
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
            : $"The agent works on '{TerminalText.Strip(options.Executor!)}', where these options may not apply: {string.Join(", ", names)}. "
                + "The settings of the project itself apply there.";
    }

    private static bool IsOfThisMachine(McpServer server) => !server.Disabled && server switch
    {
        McpStdioServer => true,
        McpHttpServer http => Uri.TryCreate(http.Url, UriKind.Absolute, out Uri? url) && url.IsLoopback,
        _ => false,
    };
}
