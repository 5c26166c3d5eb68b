namespace Amp.Permissions;

/// <summary>The tools that only read, with their names in all CLIs. A name that a CLI does not have has no effect.</summary>
/// <remarks>
/// A tool is included if it writes nothing, runs no program, and sends data only to the Amp service, which gets the whole conversation
/// anyway. Therefore, the following tools are not included, although they read:
/// <list type="bullet">
/// <item><c>web_search</c>, <c>read_web_page</c>: a URL can contain what the agent has read.</item>
/// <item><c>librarian</c> and the tools for code hosts (<c>read_github</c> and others): they call third parties.</item>
/// <item><c>read_mcp_resource</c>: an MCP server can do anything when it gets a URL that the model made up.</item>
/// <item><c>skill</c>: it brings its own instructions, tools and MCP servers.</item>
/// <item><c>Task</c>, <c>oracle</c>, <c>handoff</c>, <c>code_review</c>: agents with other tools, or that outlive the run.</item>
/// <item><c>task_list</c>, <c>todo_write</c>, <c>docs_read</c>: they write, or call other services.</item>
/// <item><c>shell_command_status</c>: it could only show a command that a shell started, and no shell can run.</item>
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

        // An agent that searches. It has only the three tools above, and these rules also apply to its calls.
        "finder",

        // Lets a model describe a file of this machine.
        "look_at",

        // The findings of an editor or a compiler; only in some CLIs.
        "get_diagnostics",

        // The user's threads, which the Amp service stores.
        "find_thread",
        "read_thread",

        // The agent's own notes in this thread.
        "todo_read",
    ];

    public static IReadOnlyList<AmpPermission> Make() => Array.AsReadOnly(
    [
        .. s_tools.Select(tool => new AmpPermission(tool, PermissionAction.Allow)),
        new AmpPermission("*", PermissionAction.Reject),
    ]);
}
