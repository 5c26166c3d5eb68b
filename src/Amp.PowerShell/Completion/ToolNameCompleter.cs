namespace Amp.PowerShell.Completion;

/// <summary>
/// Offers tools of the agent: those that this session has seen in <c>Get-AmpTool</c> and in runs; before it has seen any, those that the
/// CLIs of 2026 have.
/// </summary>
public sealed class ToolNameCompleter : AmpCompleter
{
    internal const string BuiltInDescription = "A tool of the CLIs of 2026. Get-AmpTool tells those of yours.";

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
