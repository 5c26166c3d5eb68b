namespace Amp;

/// <summary>What a tool does, whatever its name in a build of the CLI.</summary>
public enum ToolKind
{
    /// <summary>Another kind, or an unknown tool: of a toolbox, of a plugin, or of a later CLI.</summary>
    Other,

    /// <summary>Runs a program: <c>Bash</c>, <c>shell_command</c>, <c>async_shell_command</c>, <c>chart</c>.</summary>
    Shell,

    /// <summary>Reads a file of this machine, or a thread of the user: <c>Read</c>, <c>look_at</c>, <c>read_thread</c>.</summary>
    Read,

    /// <summary>Searches files of this machine, or the user's threads: <c>Grep</c>, <c>glob</c>, <c>finder</c>, <c>find_thread</c>.</summary>
    Search,

    /// <summary>Writes files: <c>create_file</c>, <c>edit_file</c>, <c>apply_patch</c>, <c>undo_edit</c>, <c>download_thread_file</c>.</summary>
    Write,

    /// <summary>Calls the web or a code host: <c>web_search</c>, <c>read_web_page</c>, <c>read_github</c>.</summary>
    Web,

    /// <summary>Calls an MCP server: <c>mcp__SERVER__TOOL</c>, <c>read_mcp_resource</c>.</summary>
    Mcp,

    /// <summary>Starts another agent: <c>Task</c>, <c>oracle</c>, <c>librarian</c>, <c>handoff</c>.</summary>
    Agent,
}
