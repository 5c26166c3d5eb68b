using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Amp.PowerShell.Completion;

/// <summary>
/// Completes tools of the agent: those that this session has seen in <c>Get-AmpTool</c> and in runs, or else those of the CLIs of 2026.
/// </summary>
internal sealed class ToolNameCompleter : AmpCompleter
{
    internal const string BuiltInDescription = "A tool of the CLIs of 2026. Get-AmpTool shows the tools of your CLI.";

    private static readonly string[] s_builtIn =
    [
        "Bash", "chart", "create_file", "edit_file", "find_thread", "finder", "glob", "Grep", "handoff", "librarian", "look_at", "mermaid",
        "oracle", "painter", "Read", "read_mcp_resource", "read_thread", "read_web_page", "skill", "Task", "task_list", "undo_edit", "web_search",
    ];

    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => Tools(request);

    internal static IEnumerable<Candidate> Tools(CompletionRequest request) => request.Seen.Tools is { Count: > 0 } seen
        ? seen.OrderBy(tool => tool.Key, StringComparer.OrdinalIgnoreCase).Select(tool => new Candidate(tool.Key, tool.Value))
        : s_builtIn.Select(tool => new Candidate(tool, BuiltInDescription));
}

/// <summary>
/// Completes the commands of this session that can be tools of the agent, in the same way as PowerShell completes commands.
/// </summary>
internal sealed class ToolCommandCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        AmpCompleter.OrNothing(() => CompletionCompleters.CompleteCommand(
            wordToComplete ?? string.Empty, string.Empty, CommandTypes.Cmdlet | CommandTypes.Function | CommandTypes.Filter));
}

/// <summary>
/// Completes what a rule or a list can name: tools, names in the rules of the settings, and a pattern for the tools of each MCP server.
/// </summary>
internal sealed class ToolPatternCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request)
    {
        SettingsOverview settings = SettingsOverview.Read(request.CliOptions);
        return ToolNameCompleter.Tools(request)
            .Concat(settings.Tools.Select(tool => new Candidate(
                tool.Name, tool.Scope == SettingsScope.User ? "A tool in your settings." : "A tool in the workspace settings.")))
            .Concat(settings.McpServers.Select(server => server.Name).Concat(request.Seen.McpServers.Keys)
                .Select(server => new Candidate($"mcp__{server}__*", $"All tools of the MCP server {server}.")));
    }
}

/// <summary>Completes the MCP servers in the settings files, and those that this session has seen.</summary>
internal sealed class McpServerNameCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) =>
        SettingsOverview.Read(request.CliOptions).McpServers
            .Select(server => new Candidate(
                server.Name, server.Scope == SettingsScope.User ? "A server in your settings." : "A server in the workspace settings."))
            .Concat(request.Seen.McpServers.Select(server => new Candidate(server.Key, server.Value)));
}

/// <summary>Completes the skills that this session has seen, and those in the folders of the workspace and the user.</summary>
internal sealed class SkillNameCompleter : AmpCompleter
{
    private protected override IEnumerable<Candidate> Candidates(CompletionRequest request) => request.Seen.Skills
        .Select(skill => new Candidate(skill.Key, skill.Value))
        .Concat(new SkillClient(request.CliOptions).FindNames().Order(StringComparer.OrdinalIgnoreCase).Select(name => new Candidate(name)));
}
