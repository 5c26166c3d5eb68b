namespace Amp.Permissions;

/// <summary>The tools that only read, under their names in all CLIs; a name that a CLI lacks does no harm.</summary>
/// <remarks>
/// A tool is named here if it writes nothing, runs no program, and sends nothing to anybody but the Amp service, which gets the
/// whole conversation anyway. So these are not here, although they read:
/// <list type="bullet">
/// <item><c>web_search</c>, <c>read_web_page</c>: an address can carry away what the agent has read.</item>
/// <item><c>librarian</c> and the tools for code hosts (<c>read_github</c> and others): they ask third parties.</item>
/// <item><c>read_mcp_resource</c>: an MCP server does what it likes when it is asked for an address that the model has made up.</item>
/// <item><c>skill</c>: it brings instructions, tools and MCP servers of its own.</item>
/// <item><c>Task</c>, <c>oracle</c>, <c>handoff</c>, <c>code_review</c>: agents with other tools, or that outlive the run.</item>
/// <item><c>task_list</c>, <c>todo_write</c>, <c>docs_read</c>: they write, or ask further services.</item>
/// <item><c>shell_command_status</c>: what it could show was started by a shell, and none may run.</item>
/// </list>
/// </remarks>
internal static class ReadOnlyRules
{
    private static readonly string[] s_tools =
    [
        // Files and folders of this machine.
        "Read",
        "Grep",
        "glob",

        // An agent that searches: all it has is the three above, and these rules hold for its calls too.
        "finder",

        // Has a model describe a file of this machine.
        "look_at",

        // What an editor or a compiler has found; only in some CLIs.
        "get_diagnostics",

        // The user's threads, which the Amp service keeps.
        "find_thread",
        "read_thread",

        // The notes that the agent itself has made in this thread.
        "todo_read",
    ];

    public static IReadOnlyList<AmpPermission> Make() => Array.AsReadOnly(
    [
        .. s_tools.Select(tool => new AmpPermission(tool, PermissionAction.Allow)),
        new AmpPermission("*", PermissionAction.Reject),
    ]);
}
