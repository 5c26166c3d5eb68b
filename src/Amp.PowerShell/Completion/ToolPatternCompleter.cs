namespace Amp.PowerShell.Completion;

/// <summary>Offers what a rule or a list may name: tools, what the settings' rules name, and a pattern for the tools of each MCP server.</summary>
public sealed class ToolPatternCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request)
    {
        SettingsNames settings = SettingsNames.Read(request.CliOptions);
        return ToolNameCompleter.Tools(request)
            .Concat(settings.Tools.Select(tool => new Candidate(
                tool.Name, tool.Scope == SettingsScope.User ? "Your settings have it." : "The workspace's settings have it.")))
            .Concat(settings.McpServers.Select(server => server.Name).Concat(request.Seen.McpServers.Keys)
                .Select(server => new Candidate($"mcp__{server}__*", $"All tools of the MCP server {server}.")));
    }
}
