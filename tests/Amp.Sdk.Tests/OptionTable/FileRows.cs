using System.Collections.Specialized;
using static Amp.Sdk.Tests.OptionTable.Build;
using static Amp.Sdk.Tests.OptionTable.OptionRow;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>What reaches the CLI by a file: permissions, MCP servers, tools, skills, the system prompt.</summary>
internal static class FileRows
{
    private const string UserFile = ".config/amp/settings.json";
    private const string Merged = "'--settings-file=<private settings.json>'";
    private const string Servers = "'--mcp-config=<private mcp.json>'";
    private const string AllowAll = "--dangerously-allow-all";

    public static IEnumerable<OptionRow> All =>
    [
        Files(Of("permissions", options => options with { Permissions = Rules() }), Merged)
            .Makes("settings.json", $$"""{"amp.permissions":[{{RulesJson}}]}"""),

        Files(Of("permissions beside the user's", options => options with { Permissions = Rules() }), Merged)
            .Before(UserFile, """{ "amp.permissions": [{"tool":"Bash","action":"reject"}, {"tool":"Task","action":"ask"},], "other": [1] /* mine */ }""")
            .Makes("settings.json", $$"""
                {"other":[1],"amp.permissions":[{"tool":"Bash","action":"reject"},{{RulesJson}},{"tool":"Task","action":"ask"}]}
                """),

        Files(Of("no permission", options => options with { Permissions = [] }), ""),

        Of("everything allowed", options => options with { DangerouslyAllowAll = true })
            .Gives($"{Run} {AllowAll} {QuietJanuary}", $"{Run} {AllowAll} {QuietSpring}", $"{Run} {AllowAll} {Keep} {QuietSeptember}"),

        Files(
            Of("everything allowed but a reject", options => options with
            {
                DangerouslyAllowAll = true,
                Permissions = [new AmpPermission("Bash", PermissionAction.Reject, message: "no")],
            }),
            Merged)
            .Makes("settings.json", """{"amp.permissions":[{"tool":"Bash","action":"reject","message":"no"},{"tool":"*","action":"allow"}]}"""),

        Files(Of("everything allowed but what the user rejects", options => options with { DangerouslyAllowAll = true }), Merged)
            .Before(UserFile, """{"amp.permissions":[{"tool":"Grep","action":"ask"},{"tool":"Bash","action":"reject"}]}""")
            .Makes("settings.json", """{"amp.permissions":[{"tool":"Bash","action":"reject"},{"tool":"*","action":"allow"}]}"""),

        Files(In("settings file", (options, home) => options with { SettingsFile = Path.Combine(home, "mine.json") }), "--settings-file={home}/mine.json")
            .Before("mine.json", """{"a":1}"""),

        Files(
            In("settings file with something added", (options, home) => options with
                { SettingsFile = Path.Combine(home, "mine.json"), EnabledTools = ["Read"] }),
            Merged,
            refuseTools: true)
            .Before("mine.json", """{"a":1,"amp.tools.enable":["Bash"]}""")
            .Before(UserFile, """{"b":2}""")
            .Makes("settings.json", """{"a":1,"amp.tools.enable":["Read"]}"""),

        Files(Of("enabled tools", options => options with { EnabledTools = ["Read", "Gr*"] }), Merged, refuseTools: true)
            .Makes("settings.json", """{"amp.tools.enable":["Read","Gr*"]}"""),

        // The CLIs take an empty list for none.
        Files(Of("no tool at all", options => options with { EnabledTools = [] }), Merged, refuseTools: true)
            .Makes("settings.json", """{"amp.tools.enable":["no-tool-at-all"]}"""),

        Of("system prompt", options => options with { SystemPrompt = "Be brief.\nü" })
            .Refuses($"{January8} {March} {May} {September}", "SystemPrompt", "ignores a system prompt",
                "Put the instructions into the prompt, into an AGENTS.md in the working directory, or into a skill.")
            .Gives(January26, $"{Run} {Merged} {QuietJanuary}")
            .Gives(February, $"{Run} {Merged} {QuietSpring}")
            .Before(UserFile, """{"amp.systemPrompt":"Mine."}""")
            .Makes("settings.json", """{"amp.systemPrompt":"Mine.\n\nBe brief.\nü"}"""),

        In("skills", (options, home) => options with { Skills = Directory.CreateDirectory(Path.Combine(home, "skills")).FullName })
            .Refuses(January8, "Skills", "does not know the setting 'amp.skills.path'",
                "Put the skills into .agents/skills of the working directory, or install a CLI of 2026-01-26 or later.")
            .Gives(January26, $"{Run} {Merged} {QuietJanuary}")
            .Gives(FebruaryToMay, $"{Run} {Merged} {QuietSpring}")
            .Gives(September, $"{Run} {Keep} {Merged} {QuietSeptember}")
            .Makes("settings.json", """{"amp.skills.path":"{home}/skills"}"""),

        In("toolbox", (options, home) => options with
            { Toolbox = Path.GetRelativePath(Environment.CurrentDirectory, Directory.CreateDirectory(Path.Combine(home, "tool box")).FullName) })
            .Gives($"{Run} {QuietJanuary}", $"{Run} {QuietSpring}", $"{Run} {Keep} {QuietSeptember}")
            .Variable("AMP_TOOLBOX", "{home}/tool box"),

        Files(
            Of("MCP servers", options => options with
            {
                McpServers =
                [
                    new McpStdioServer("local", "node", ["x.js", "a b"], new Dictionary<string, SecretText> { ["TOKEN"] = "canary" }),
                    new McpHttpServer(
                        "web",
                        "https://example.test/mcp",
                        new Dictionary<string, SecretText> { ["Authorization"] = "Bearer canary" },
                        "sse",
                        new McpOAuth("me", "https://example.test/a", "https://example.test/t", "canary", ["read"], "http://127.0.0.1:1/back")),
                    new McpStdioServer("off", "node", disabled: true),
                ],
            }),
            Servers)
            .Makes("mcp.json", """
                {"local":{"command":"node","args":["x.js","a b"],"env":{"TOKEN":"canary"}},
                 "web":{"url":"https://example.test/mcp","headers":{"Authorization":"Bearer canary"},"transport":"sse",
                  "oauth":{"clientId":"me","clientSecret":"canary","authUrl":"https://example.test/a","tokenUrl":"https://example.test/t",
                   "scopes":["read"],"redirectUrl":"http://127.0.0.1:1/back"}}}
                """),

        Files(Of("MCP configuration as text", options => options with { McpConfig = """{"a":{"command":"x","args":[],},} // mine""" }), Servers)
            .Makes("mcp.json", """{"a":{"command":"x","args":[]}}"""),

        Files(In("MCP configuration by a file", (options, home) => options with { McpConfig = Path.Combine(home, "servers.json") }), Servers)
            .Before("servers.json", """{"a":{"url":"https://example.test/","headers":{"K":"canary"}}}""")
            .Makes("mcp.json", """{"a":{"url":"https://example.test/","headers":{"K":"canary"}}}"""),

        Files(
            Of("MCP server of the user switched off", options => options with { McpServers = [new McpStdioServer("off", "x", disabled: true)] }),
            Merged)
            .Before(UserFile, """{"amp.mcpServers":{"off":{"command":"y"},"on":{"command":"z"}}}""")
            .Makes("settings.json", """{"amp.mcpServers":{"on":{"command":"z"}}}"""),

        Files(Of("MCP servers that are all switched off", options => options with { McpServers = [new McpStdioServer("off", "x", disabled: true)] }), ""),
    ];

    private const string RulesJson =
        """{"tool":"Bash","action":"allow","matches":{"cmd":["git *","/^ls( |$)/"]},"context":"subagent"},{"tool":"*","action":"reject"}""";

    private static IReadOnlyList<AmpPermission> Rules() =>
    [
        new("Bash", PermissionAction.Allow, new OrderedDictionary { ["cmd"] = new object[] { "git *", "/^ls( |$)/" } }, PermissionContext.Subagent),
        new("*", PermissionAction.Reject),
    ];

    // A file goes behind what is said of a new thread.
    private static OptionRow Files(OptionRow row, string file, bool refuseTools = false)
    {
        string gap = file.Length == 0 ? "" : " ";
        row.Gives(January26, $"{Run}{gap}{file} {QuietJanuary}")
            .Gives(FebruaryToMay, $"{Run}{gap}{file} {QuietSpring}")
            .Gives(September, $"{Run} {Keep}{gap}{file} {QuietSeptember}");
        return refuseTools
            ? row.Refuses(January8, "EnabledTools", "does not know the setting 'amp.tools.enable'",
                "Use permission rules: allow the tools, then reject '*'.")
            : row.Gives(January8, $"{Run}{gap}{file} {QuietJanuary}");
    }
}
