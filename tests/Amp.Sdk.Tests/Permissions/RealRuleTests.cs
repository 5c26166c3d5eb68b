using System.Collections;
using Amp.Testing;

namespace Amp.Sdk.Tests.Permissions;

/// <summary>What real CLIs make of rules: the read-only rules in all of them, and each kind of match that can be asked about.</summary>
public sealed class RealRuleTests
{
    private static readonly string[] s_reading =
        ["Read", "Grep", "glob", "finder", "look_at", "get_diagnostics", "find_thread", "read_thread", "todo_read"];

    private static readonly string[] s_writing =
        ["Bash", "edit_file", "create_file", "apply_patch", "shell_command", "Task", "mcp__x__Read", "tb__Read", "tb__a/b", "ReadX"];

    private static readonly string[] s_more =
    [
        "undo_edit", "shell_command_status", "oracle", "librarian", "handoff", "skill", "chart", "painter", "mermaid", "task_list",
        "todo_write", "web_search", "read_web_page", "read_mcp_resource", "load_plugin", "download_thread_file", "mcp__x__y", "mcp__Read__Read", "tb__x",
        "XRead",
    ];

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task The_read_only_rules_let_a_real_CLI_read_and_nothing_else(RealCliBuild build)
    {
        using PermissionProbe probe = new(build, AmpPermission.ReadOnlyPreset);
        string last = $"reject {AmpPermission.ReadOnlyPreset.Count - 1}";
        Dictionary<string, string> expected = [];
        Dictionary<string, string> actual = [];
        string[] tools = build == RealCliBuild.March2026 ? [.. s_reading, .. s_writing, .. s_more] : [.. s_reading[..4], .. s_writing];
        await Parallel.ForEachAsync(
            tools,
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken },
            async (tool, _) =>
            {
                string verdict = await probe.AskAsync(tool, "--cmd", "ls", "--path", "x");
                lock (actual)
                {
                    actual[tool] = verdict;
                    expected[tool] = Array.IndexOf(s_reading, tool) is int index and >= 0 ? $"allow {index}" : last;
                }
            });
        Assert.Equal(expected.OrderBy(pair => pair.Key), actual.OrderBy(pair => pair.Key));
    }

    [Fact]
    public async Task The_read_only_rules_hold_for_agents_of_the_agent_too()
    {
        using PermissionProbe probe = new(RealCliBuild.March2026, AmpPermission.ReadOnlyPreset);
        Assert.Equal("allow 0", await probe.AskAsync("Read", "--path", "x", "--context", "subagent"));
        Assert.Equal("reject 9", await probe.AskAsync("Bash", "--cmd", "ls", "--context", "subagent"));
    }

    [Fact]
    public async Task Texts_match_as_the_rules_say()
    {
        using PermissionProbe probe = new(
            RealCliBuild.March2026,
            [
                new("Bash", PermissionAction.Reject, Match("git push*"), message: "Ask a person."),
                new("Bash", PermissionAction.Allow, Match("/^git (status|diff)$/")),
                new("Bash", PermissionAction.Ask, Match(new[] { "ls", "/^cat /", "df *" })),
                new("{Grep,glob}", PermissionAction.Allow),
                new("Task", PermissionAction.Allow, context: PermissionContext.Subagent),
                new("mcp__x__*", PermissionAction.Allow),
                new("tb__y", PermissionAction.Allow, new Hashtable { ["n"] = new object?[] { null, 5, true } }),
                new("*", PermissionAction.Reject),
            ]);
        Assert.Equal("reject 0", await probe.AskAsync("Bash", "--cmd", "git push origin"));
        Assert.Equal("allow", (await probe.AskAsync("Bash", "--cmd", "git diff")).Split(' ')[0]);
        Assert.Equal("reject", (await probe.AskAsync("Bash", "--cmd", "git diffs")).Split(' ')[0]);
        Assert.Equal("ask", (await probe.AskAsync("Bash", "--cmd", "ls")).Split(' ')[0]);
        Assert.Equal("ask", (await probe.AskAsync("Bash", "--cmd", "cat x")).Split(' ')[0]);
        Assert.Equal("reject", (await probe.AskAsync("Bash", "--cmd", "lsof")).Split(' ')[0]);
        Assert.Equal("allow", (await probe.AskAsync("glob", "--pattern", "x")).Split(' ')[0]);
        Assert.Equal("allow", (await probe.AskAsync("mcp__x__anything", "--a", "b")).Split(' ')[0]);
        Assert.Equal("reject", (await probe.AskAsync("mcp__y__x", "--a", "b")).Split(' ')[0]);
        Assert.Equal("reject", (await probe.AskAsync("Task", "--prompt", "x")).Split(' ')[0]);
        Assert.Equal("allow", (await probe.AskAsync("Task", "--prompt", "x", "--context", "subagent")).Split(' ')[0]);
        Assert.Equal("reject", (await probe.AskAsync("tb__y", "--n", "5")).Split(' ')[0]);
    }

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task What_is_refused_here_would_open_a_real_CLI(RealCliBuild build)
    {
        const string Last = """{"tool":"*","action":"reject"}]""";
        using PermissionProbe brokenExpression = new(build, """[{"tool":"Bash","action":"reject","matches":{"cmd":"/(?i)x/"}},""" + Last);
        Assert.Equal("allow built-in", await brokenExpression.AskAsync("Bash", "--cmd", "python -c 1"));
        using PermissionProbe droppedKey = new(build, """[{"tool":"x","action":"allow","matches":{"__proto__":"never"}},""" + Last);
        Assert.Equal("allow 0", await droppedKey.AskAsync("x", "--a", "b"));
    }

    private static Hashtable Match(object value) => new() { ["cmd"] = value };
}
