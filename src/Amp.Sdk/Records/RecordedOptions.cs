using System.Collections.Specialized;

namespace Amp.Records;

/// <summary>The options of a run as its transcript keeps them: those that were set, with names instead of secrets.</summary>
internal static class RecordedOptions
{
    public static OrderedDictionary Of(AmpOptions options, TranscriptContent content)
    {
        OrderedDictionary kept = [];
        Add("mode", options.Mode);
        Add("thread", options.ThreadId);
        Add("continue_latest_thread", options.ContinueLatestThread);
        Add("dangerously_allow_all", options.DangerouslyAllowAll);
        Add("include_thinking", options.IncludeThinking);
        Add("visibility", options.Visibility);
        Add("archive", options.Archive);
        Add("features", options.Features);
        Add("executor", options.Executor);
        Add("permissions", options.Permissions?.Select(rule => Content(rule.ToString())));
        Add("approval", options.Approval is not null);
        Add("mcp_servers", options.McpServers?.Select(server => server.Name));
        Add("mcp_config", options.McpConfig is not null);
        Add("tools", options.Tools?.Select(tool => tool.Name));
        Add("toolbox", options.Toolbox);
        Add("skills", options.Skills);
        Add("system_prompt", options.SystemPrompt is string text ? Content(text) : null);
        Add("enabled_tools", options.EnabledTools);
        Add("log_file", options.LogFile);
        Add("extra_arguments", options.ExtraArguments?.Select(NameOf));
        Add("settings_file", options.SettingsFile);
        Add("cli_path", options.CliPath);
        Add("environment", options.Environment?.Keys.Order(StringComparer.Ordinal));
        Add("api_key", options.ApiKey is not null);
        Add("output_schema", options.OutputSchema is not null);
        Add("verify", options.Verify is not null);
        Add("verify_paths", options.VerifyPaths);
        Add("fail_on_denial", options.FailOnDenial);
        Number("retry_limit", options.RetryLimit == 0 ? null : options.RetryLimit);
        Number("token_limit", options.TokenLimit);
        Number("turn_limit", options.TurnLimit);
        Number("tool_use_limit", options.ToolUseLimit);
        Number("cost_limit", options.CostLimit);
        Number("timeout_ms", (decimal?)options.Timeout?.TotalMilliseconds);
        Number("idle_timeout_ms", (decimal?)options.IdleTimeout?.TotalMilliseconds);
        return kept;

        // A short option can have its value directly after it.
        static string NameOf(string argument) => argument.StartsWith("--", StringComparison.Ordinal) ? argument.Split('=')[0] : argument[..Math.Min(argument.Length, 2)];

        string Content(string value) => content == TranscriptContent.Hash ? HashedLine.Of(value) : value;

        void Add(string name, object? value)
        {
            object? written = value is IEnumerable<string> list ? list.ToArray() : value;
            if (written is not (null or false or Array { Length: 0 }))
            {
                kept[name] = written;
            }
        }

        void Number(string name, decimal? value)
        {
            if (value is decimal number)
            {
                kept[name] = number;
            }
        }
    }
}
