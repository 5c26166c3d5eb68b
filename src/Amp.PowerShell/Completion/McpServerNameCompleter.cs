namespace Amp.PowerShell.Completion;

/// <summary>Offers the MCP servers of the settings files, and those that this session has seen.</summary>
public sealed class McpServerNameCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        SettingsNames.Read(request.CliOptions).McpServers
            .Select(server => new Candidate(
                server.Name, server.Scope == SettingsScope.User ? "A server in your settings." : "A server in the workspace's settings."))
            .Concat(request.Seen.McpServers.Select(server => new Candidate(server.Key, server.Value)));
}
