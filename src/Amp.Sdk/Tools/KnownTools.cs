using System.Collections.Frozen;

namespace Amp.Tools;

/// <summary>
/// The tools of the CLIs, their kinds and the names of their inputs, in one place. They were read from the builds of 2026-01-08,
/// 2026-03-24, 2026-05-04 (Node) and 2026-09-23 (native), including tools for single modes and for subagents.
/// </summary>
internal static class KnownTools
{
    /// <summary>The Unix time of the earliest analyzed build: 0.0.1767830505.</summary>
    public const long Oldest = January;

    /// <summary>The Unix time of the latest analyzed build: 0.0.1790142911.</summary>
    public const long Newest = September;

    private const long January = 1767830505;
    private const long March = 1774310664;
    private const long May = 1777897475;

    // The native builds begin in July, whose tools are included in those of September.
    private const long July = 1784106548;
    private const long September = 1790142911;

    /// <summary>All tools.</summary>
    public static IReadOnlyList<KnownTool> All { get; } =
    [
        new("Bash", ToolKind.Shell, January, May, "cmd", "cwd") { Command = "cmd", Directory = "cwd" },
        new("shell_command", ToolKind.Shell, March, September, "command", "workdir", "login", "timeout_ms") { Command = "command", Directory = "workdir" },
        new("async_shell_command", ToolKind.Shell, July, September, "command", "workdir", "timeout_ms") { Command = "command", Directory = "workdir", AskedAs = "shell_command" },
        new("shell_command_status", ToolKind.Shell, July, September, "pid", "timeout_ms") { StartsNothing = true },
        new("shell_command_kill", ToolKind.Shell, July, September, "pid") { StartsNothing = true },
        new("chart", ToolKind.Shell, March, May, "cmd", "chartType", "xColumn", "yColumns", "title", "subtitle", "xAxisLabel", "yAxisLabel", "stacked", "horizontal", "hoverColumns", "groupColumn") { Command = "cmd" },
        new("eval_git_diff", ToolKind.Shell, March, March, "command") { Command = "command" },
        new("repl", ToolKind.Shell, January, March, "binary", "args", "objective", "replDescription", "workingDirectory", "initialOutputTimeoutMs") { Directory = "workingDirectory" },

        new("Read", ToolKind.Read, January, September, "path", "read_range") { Paths = ["path"] },
        new("look_at", ToolKind.Read, January, May, "path", "objective", "context", "referenceFiles") { Paths = ["path", "referenceFiles"] },
        new("get_diagnostics", ToolKind.Read, January, September, "path") { Paths = ["path"] },
        new("describe_workbook", ToolKind.Read, January, January, "path") { Paths = ["path"] },
        new("read_thread", ToolKind.Read, January, May, "threadID", "goal"),
        new("todo_read", ToolKind.Read, January, January),

        new("Grep", ToolKind.Search, January, September, "pattern", "path", "glob", "caseSensitive", "literal") { Paths = ["path"] },
        new("glob", ToolKind.Search, January, September, "filePattern", "limit", "offset"),
        new("finder", ToolKind.Search, January, May, "query"),
        new("find_thread", ToolKind.Search, January, September, "query", "limit", "offset"),

        new("create_file", ToolKind.Write, January, September, "path", "content") { Paths = ["path"], Written = "path", WritesAtOnce = true },
        new("edit_file", ToolKind.Write, January, September, "path", "old_str", "new_str", "replace_all") { Paths = ["path"], Written = "path", WritesAtOnce = true },
        new("apply_patch", ToolKind.Write, March, September, "patchText") { Patch = "patchText", WritesAtOnce = true },
        new("undo_edit", ToolKind.Write, January, March, "path") { Paths = ["path"], Written = "path", WritesAtOnce = true },
        new("format_file", ToolKind.Write, January, March, "path") { Paths = ["path"], Written = "path" },
        new("restore_snapshot", ToolKind.Write, March, March, "path", "treeOID") { Paths = ["path"], Written = "path" },
        new("fastmod", ToolKind.Write, January, January, "pattern", "substitution", "glob"),
        new("enqueue_file_edit", ToolKind.Write, January, January, "paths", "objective") { Paths = ["paths"], Written = "paths" },
        new("painter", ToolKind.Write, January, May, "task", "files", "prompt", "inputImagePaths", "savePath") { Paths = ["savePath", "inputImagePaths", "files"], Written = "savePath" },
        new("download_thread_file", ToolKind.Write, July, September, "thread", "path", "destination", "overwrite") { Paths = ["destination"], Written = "destination" },
        new("download_thread_changes", ToolKind.Write, July, September, "thread", "paths", "destination", "overwrite") { Paths = ["destination"], Written = "destination" },
        new("upload_thread_file", ToolKind.Write, July, September, "thread", "path", "destination", "overwrite") { Paths = ["path"] },

        new("web_search", ToolKind.Web, January, September, "objective", "search_queries", "max_results"),
        new("read_web_page", ToolKind.Web, January, September, "url", "objective", "searchQueries", "fullContent", "forceRefetch"),
        new("read_github", ToolKind.Web, January, May, "path", "read_range", "repository"),
        new("search_github", ToolKind.Web, January, May, "pattern", "path", "repository", "limit", "offset"),
        new("glob_github", ToolKind.Web, January, May, "filePattern", "limit", "offset", "repository"),
        new("list_directory_github", ToolKind.Web, January, May, "path", "repository", "limit"),
        new("list_repositories", ToolKind.Web, January, May, "pattern", "organization", "language", "limit", "offset"),
        new("commit_search", ToolKind.Web, January, May, "query", "author", "since", "until", "path", "repository", "limit", "offset"),
        new("diff", ToolKind.Web, January, May, "base", "head", "repository", "includePatches"),
        new("read_bitbucket_enterprise", ToolKind.Web, March, May, "path", "read_range", "repository", "ref"),
        new("search_bitbucket_enterprise", ToolKind.Web, March, May, "pattern", "path", "repository", "ref", "limit", "offset"),
        new("glob_bitbucket_enterprise", ToolKind.Web, March, May, "filePattern", "limit", "offset", "repository", "ref"),
        new("list_directory_bitbucket_enterprise", ToolKind.Web, March, May, "path", "repository", "ref", "limit"),
        new("list_repositories_bitbucket_enterprise", ToolKind.Web, March, May, "instanceUrl", "project", "pattern", "limit", "offset"),
        new("commit_search_bitbucket_enterprise", ToolKind.Web, March, May, "query", "author", "since", "until", "path", "repository", "ref", "limit", "offset"),
        new("diff_bitbucket_enterprise", ToolKind.Web, March, May, "base", "head", "repository", "includePatches"),

        new("read_mcp_resource", ToolKind.Mcp, January, September, "server", "uri"),

        new("Task", ToolKind.Agent, January, May, "prompt", "description"),
        new("oracle", ToolKind.Agent, January, May, "task", "context", "files") { Paths = ["files"] },
        new("librarian", ToolKind.Agent, January, May, "query", "context"),
        new("handoff", ToolKind.Agent, January, May, "goal", "follow", "mode"),
        new("code_review", ToolKind.Agent, March, May, "diff_description", "files", "instructions", "checkScope", "checkFilter", "checksOnly", "thinking") { Paths = ["files"] },
        new("code_tour", ToolKind.Agent, March, March, "baseRevision", "focus"),
        new("walkthrough", ToolKind.Agent, January, March, "topic", "context"),
        new("kraken", ToolKind.Agent, January, January, "objective", "paths") { Paths = ["paths"] },
        new("bookkeeper", ToolKind.Agent, January, January, "query", "path") { Paths = ["path"] },

        new("execute_query", ToolKind.Other, January, January, "path", "query") { Paths = ["path"] },
        new("skill", ToolKind.Other, January, September, "name", "arguments"),
        new("mermaid", ToolKind.Other, January, March, "code", "citations"),
        new("walkthrough_diagram", ToolKind.Other, January, March, "code", "summary", "nodes"),
        new("task_list", ToolKind.Other, January, May, "action", "taskID", "title", "description", "repoURL", "status", "dependsOn", "parentID", "limit", "ready"),
        new("todo_write", ToolKind.Other, January, January, "todos"),
        new("post_explanation", ToolKind.Other, March, March, "text", "file", "startLine", "endLine", "diff"),
        new("load_plugin", ToolKind.Other, July, September, "path") { Paths = ["path"] },
        new("reload_plugins", ToolKind.Other, July, September),
        new("reload_mcp", ToolKind.Other, July, September),
        new("reload_skills", ToolKind.Other, July, September),
    ];

    /// <summary>
    /// The names of the shell. CLIs of 2026-03-24 or later apply a rule for one of them to the other too, with the other's names of inputs,
    /// whichever settings file contains the rule.
    /// </summary>
    public static IReadOnlyList<string> ShellNames { get; } = ["Bash", "shell_command"];

    private static readonly FrozenDictionary<string, KnownTool> s_byName = All.ToFrozenDictionary(tool => tool.Name, StringComparer.Ordinal);

    /// <summary>Gets the name that is used when a call of a tool requires an approval.</summary>
    public static string AskedAs(string tool) => Find(tool)?.AskedAs ?? tool;

    /// <summary>Finds a tool by name; null if it is unknown.</summary>
    public static KnownTool? Find(string? name) => name is not null && s_byName.TryGetValue(name, out KnownTool? tool) ? tool : null;

    /// <summary>Returns whether a tool only writes a file, which takes no time.</summary>
    public static bool OnlyWrites(string? name) => Find(name)?.WritesAtOnce == true;

    /// <summary>Gets the tools of a kind in a build, according to what was seen.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="buildTime">The Unix time of the build; 0 for all builds.</param>
    public static IEnumerable<KnownTool> Of(ToolKind kind, long buildTime) => All.Where(tool => tool.Kind == kind && tool.IsIn(buildTime));
}
