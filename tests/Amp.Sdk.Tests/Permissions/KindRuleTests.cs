using System.Runtime.InteropServices;
using Amp.Permissions;
using Amp.Sdk.Tests.Support;
using Amp.Testing;
using Amp.Tools;

namespace Amp.Sdk.Tests.Permissions;

/// <summary>Rules for kinds of tools, judged by the rule engines of the real CLIs.</summary>
public sealed class KindRuleTests
{
    public static TheoryData<RealCliBuild> Builds { get; } =
        [RealCliBuild.January2026, RealCliBuild.March2026, RealCliBuild.May2026, RealCliBuild.September2026];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task No_tool_that_writes_is_left_open(RealCliBuild build)
    {
        AmpPermission[] rules = [AmpPermission.ForKind(ToolKind.Write, PermissionAction.Reject), new("*", PermissionAction.Allow)];
        KnownTool[] writing = [.. KnownTools.All.Where(tool => tool.Kind == ToolKind.Write)];
        string[] others = ["Bash", "Read", "mcp__x__create_file"];
        string[] open = await WithActionAsync(build, rules, "allow", [.. writing.Select(tool => tool.Name).Concat(others).Select(tool => (tool, "path", "x"))]);
        Assert.Equal(others.Order(), open.Order());
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_command_is_seen_whatever_the_shell_is_called(RealCliBuild build)
    {
        AmpPermission[] rules = [AmpPermission.ForKind(ToolKind.Shell, PermissionAction.Reject, command: "git push*"), new("*", PermissionAction.Allow)];
        (string, string, string)[] calls =
        [
            ("Bash", "cmd", "git push -f"), ("shell_command", "command", "git push -f"), ("async_shell_command", "command", "cd x\ngit push"),
            ("chart", "cmd", "git push"), ("repl", "binary", "git"),
        ];
        Assert.Empty(await WithActionAsync(build, rules, "allow", calls));
        (string, string, string)[] others =
            [("Bash", "cmd", "git status"), ("shell_command", "command", "ls"), ("shell_command_status", "pid", "7"), ("Read", "path", "x")];
        Assert.Equal(others.Length, (await WithActionAsync(build, rules, "allow", others)).Length);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_path_is_kept_from_being_written_in_every_spelling(RealCliBuild build)
    {
        AmpPermission[] rules = [AmpPermission.ForKind(ToolKind.Write, PermissionAction.Reject, path: "/etc/*"), new("*", PermissionAction.Allow)];
        string[] paths =
            ["/etc/passwd", "/etc/a/b", "/home/../etc/passwd", "../../etc/passwd", "/./etc/passwd", "//etc/passwd", "/etc//passwd", "file:///etc/passwd", ".."];

        // The engines of the other builds are the same; a few spellings show it.
        paths = build is RealCliBuild.March2026 or RealCliBuild.September2026 ? paths : [paths[0], paths[2], paths[3]];
        (string, string, string)[] calls =
        [
            .. paths.SelectMany(path => new[]
            {
                ("create_file", "path", path),
                ("edit_file", "path", path),
                ("apply_patch", "patchText", $"*** Begin Patch\n*** Update File: {path}\n@@\n-a\n+b\n*** End Patch"),
                ("apply_patch", "patchText", $"*** Begin Patch\n*** Update File: ok\n*** Move to: {path}\n@@\n-a\n+b\n*** End Patch"),
                ("apply_patch", "patchText", $"*** Begin Patch\r\n*** Delete File: {path}\r\n*** End Patch"),
            }),
            ("fastmod", "pattern", "x"), ("painter", "prompt", "x"), ("download_thread_changes", "thread", "x"),
        ];
        Assert.Empty(await WithActionAsync(build, rules, "allow", calls));
        (string, string, string)[] others =
        [
            ("create_file", "path", "/home/etc"), ("edit_file", "path", "src/a.cs"), ("Read", "path", "/etc/passwd"),
            ("apply_patch", "patchText", "*** Begin Patch\n*** Add File: src/a.cs\n+see /etc/passwd\n*** End Patch"),
        ];
        Assert.Equal(others.Length, (await WithActionAsync(build, rules, "allow", others)).Length);
    }

    // The patterns of Windows, judged here by the same engines.
    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task A_path_of_Windows_is_kept_from_being_written_in_every_spelling(RealCliBuild build)
    {
        const string Folder = @"C:\Users\me\project";
        AmpPermission[] rules =
        [
            .. ((string[])["C:/secrets/*", "keys/*.pem", "c:/users/me/project/.env", "*.key"]).SelectMany(path => (AmpPermission[])
            [
                new("edit_file", PermissionAction.Reject, Value("path", PathPatterns.Touching(path, Folder, OSPlatform.Windows))),
                new("apply_patch", PermissionAction.Reject, Value("patchText", PathPatterns.InPatch(path, Folder, OSPlatform.Windows))),
            ]),
            new("*", PermissionAction.Allow),
        ];
        string[] paths =
        [
            @"C:\secrets\x", "c:/SECRETS/a/b", @"\\?\C:\Secrets\x", @"C:\Users\..\secrets\x", @"C:\SECRET~1\x", "file:///c:/x", @"C:\\secrets\x", @"keys\a.pem",
            "KEYS/a/b.PEM", @"C:\Users\me\project\.ENV", @".\.\x", ".env", "/secrets/x", @"\Secrets\x", @"src\a.KEY",
        ];
        Assert.Empty(await WithActionAsync(build, rules, "allow", [.. paths.SelectMany(Calls)]));
        (string, string, string)[] others = [.. ((string[])[@"C:\Users\me\project\src\a.cs", "src/secret.cs", @"keys\a.pub"]).SelectMany(Calls)];
        Assert.Equal(others.Length, (await WithActionAsync(build, rules, "allow", others)).Length);

        // A pattern that may mean any file of the folder is the whole tool.
        Assert.Null(PathPatterns.Touching("C:/*", Folder, OSPlatform.Windows));

        static (string, string, string)[] Calls(string path) =>
            [("edit_file", "path", path), ("apply_patch", "patchText", $"*** Begin Patch\n*** Update File: {path}\n@@\n-a\n+b\n*** End Patch")];
    }

    // Those of macOS, whose file systems ignore case and how an accented letter is written.
    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task A_path_of_macOS_is_kept_from_being_written_in_every_spelling(RealCliBuild build)
    {
        const string Folder = "/Users/me/Site";
        AmpPermission[] rules =
        [
            .. ((string[])[".env", "/Users/me/Site/secrets/*", "/etc/hosts", "Entw\u00fcrfe/*", "\u6a5f\u5bc6\u60c5.docx", ".ssh/*", "sss.txt"]).SelectMany(path => (AmpPermission[])
            [
                new("edit_file", PermissionAction.Reject, Value("path", PathPatterns.Touching(path, Folder, OSPlatform.OSX))),
                new("apply_patch", PermissionAction.Reject, Value("patchText", PathPatterns.InPatch(path, Folder, OSPlatform.OSX))),
            ]),
            new("*", PermissionAction.Allow),
        ];
        string[] paths =
        [
            ".env", ".ENV", "/users/ME/site/.Env", "/users/me/site/Secrets/key", "SECRETS/a/b", "/ETC/hosts", "/private/etc/hosts", "src/../x", "..", "~/x", "file:///x",
            "/Users//me/x", "/Users/./x", "entw\u00fcrfe/a", "ENTWU\u0308RFE/a", "ENTW\u00dcRFE/a", "\u017fecrets/x", ".e\u200dnv", "/.vol/1/2",
            "\u6a5f\u5bc6\u60c5.DOCX", ".SSH/x", ".\u00dfh/x", ".\u1e9eH/x", "s\u00df.txt", "\u1e9es.txt",
        ];
        Assert.Empty(await WithActionAsync(build, rules, "allow", [.. paths.SelectMany(Calls)]));
        (string, string, string)[] others =
        [
            .. ((string[])["src/a.cs", "/Users/me/Site/src/secret.cs", "\u00fcber/a.md", "stra\u00dfe.md", "x.sh/a"]).SelectMany(Calls),
            .. ((string[])[".env.example", "pages/[...name].tsx", "a.txt~"]).Select(path => ("edit_file", "path", path)),
        ];
        Assert.Equal(others.Length, (await WithActionAsync(build, rules, "allow", others)).Length);
        Assert.Null(PathPatterns.Touching("/USERS/*", Folder, OSPlatform.OSX));

        static (string, string, string)[] Calls(string path) =>
            [("edit_file", "path", path), ("apply_patch", "patchText", $"*** Begin Patch\n*** Update File: {path}\n@@\n-a\n+b\n*** End Patch")];
    }

    // Quantifiers side by side would take the engine exponential time.
    [Theory]
    [InlineData("\u5bc6", "", 30, "{30,120}")]
    [InlineData("\u5bc6", "*", 12, "{12,}")]
    public void Letters_of_macOS_side_by_side_have_one_quantifier(string letter, string separator, int count, string quantifier)
    {
        string path = $"{string.Join(separator, Enumerable.Repeat(letter, count))}.docx";
        string pattern = Assert.IsType<string>(Assert.Single(PathPatterns.Touching(path, "/Users/me/Site", OSPlatform.OSX)!));
        Assert.Contains(quantifier, pattern, StringComparison.Ordinal);
        Assert.Single(pattern, c => c == '{');
        Assert.DoesNotContain('*', pattern);
    }

    [Theory]
    [InlineData("/Users/ann", true)]
    [InlineData("/var/root", true)]
    [InlineData("/home/ann", false)]
    [InlineData("/root", false)]
    public void A_host_with_macOS_is_known_by_its_home_folders(string home, bool isMac) => Assert.Equal(isMac, PathPatterns.SystemOf(home) == OSPlatform.OSX);

    [Fact]
    public async Task A_path_cannot_be_allowed_on_Windows()
    {
        using PrivateHome home = new PrivateHome().WithAnswersOfClis();
        AmpCli cli = await AmpClient.GetCliAsync(Options(RealCliBuild.March2026, home, []), Token);
        AmpPermission rule = AmpPermission.ForKind(ToolKind.Read, PermissionAction.Allow, path: "docs/*");
        AmpValidationException exception = Assert.Throws<AmpValidationException>(() => Amp.Plans.KindRules.Of([rule], cli, "C:\\work", system: OSPlatform.Windows));
        Assert.Equal(AmpErrorId.UnsupportedByCli, exception.ErrorId);
        Assert.NotEmpty(Amp.Plans.KindRules.Of([rule], cli, "/work", system: OSPlatform.Linux));
        Assert.NotEmpty(Amp.Plans.KindRules.Of([AmpPermission.ForKind(ToolKind.Read, PermissionAction.Reject, path: "docs/*")], cli, "C:\\work", system: OSPlatform.Windows));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_is_allowed_to_be_read_leads_nowhere_else(RealCliBuild build)
    {
        AmpPermission[] rules = [AmpPermission.ForKind(ToolKind.Read, PermissionAction.Allow, path: "/srv/site/*"), new("*", PermissionAction.Reject)];
        Assert.Empty(await WithActionAsync(
            build, rules, "allow", [("Read", "path", "/srv/site/../x"), ("Read", "path", "/etc/passwd"), ("Read", "path", "/etc/x\n/srv/site/y")]));
        Assert.Single(await WithActionAsync(build, rules, "allow", [("Read", "path", "/srv/site/a/b.html")]));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task The_read_only_rules_let_every_known_tool_read_or_not_run(RealCliBuild build)
    {
        AmpCli cli = await AmpClient.GetCliAsync(new AmpOptions { CliPath = Cli(build) }, Token);
        KnownTool[] tools = [.. KnownTools.All.Where(tool => tool.IsIn(cli.BuildTime))];
        string[] open = await WithActionAsync(build, AmpPermission.ReadOnlyPreset, "allow", [.. tools.Select(tool => (tool.Name, "cmd", "ls"))]);
        string[] reading = ["Read", "Grep", "glob", "finder", "look_at", "get_diagnostics", "find_thread", "read_thread", "todo_read"];
        Assert.Equal(tools.Select(tool => tool.Name).Intersect(reading).Order(), open.Order());
    }

    [Theory]
    [InlineData(RealCliBuild.May2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task A_path_cannot_be_allowed_where_a_patch_may_name_others(RealCliBuild build)
    {
        using PrivateHome home = new PrivateHome().WithAnswersOfClis();
        AmpPermission[] rules = [AmpPermission.ForKind(ToolKind.Write, PermissionAction.Allow, path: "/srv/*")];
        AmpValidationException exception = await Assert.ThrowsAsync<AmpValidationException>(
            () => AmpClient.PlanAsync("hi", Options(build, home, rules), Token));
        Assert.Equal(AmpErrorId.UnsupportedByCli, exception.ErrorId);
        Assert.Contains("apply_patch", exception.Message, StringComparison.Ordinal);
        Assert.Contains((await AmpClient.GetCliAsync(Options(build, home, []), Token)).Version, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Rules_that_hold_nothing_are_told(RealCliBuild build)
    {
        bool isNative = build == RealCliBuild.September2026;
        bool isJanuary = build == RealCliBuild.January2026;
        Assert.Contains("matches nothing", Assert.Single(await WarningsAsync(build, new AmpPermission("run_it", PermissionAction.Ask))), StringComparison.Ordinal);
        Assert.Contains("'command'", Assert.Single(await WarningsAsync(build, new AmpPermission("Bash", PermissionAction.Ask, Value("command")))), StringComparison.Ordinal);
        Assert.Empty(await WarningsAsync(build, new AmpPermission("Bash", PermissionAction.Ask, Value("cmd"))));
        Assert.Equal(isJanuary ? 1 : 0, (await WarningsAsync(build, new AmpPermission("shell_command", PermissionAction.Ask, Value("command")))).Count);

        string left = Assert.Single(await WarningsAsync(build, new("edit_file", PermissionAction.Reject), new("create_file", PermissionAction.Reject)));
        Assert.Contains("ToolKind.Write", left, StringComparison.Ordinal);
        Assert.Equal(!isJanuary, left.Contains("apply_patch", StringComparison.Ordinal));
        Assert.Equal(isNative, left.Contains("download_thread_file", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Rules_that_hold_are_not_warned_about(RealCliBuild build)
    {
        Assert.Empty(await WarningsAsync(build, [.. AmpPermission.ReadOnlyPreset]));
        Assert.Empty(await WarningsAsync(
            build,
            new("mcp__x__y", PermissionAction.Reject),
            new("tb__x", PermissionAction.Ask),
            new("{nobody,nowhere}", PermissionAction.Reject),
            new("edit_file", PermissionAction.Reject),
            new("*", PermissionAction.Reject)));
        Assert.Empty(await WarningsAsync(
            build, AmpPermission.ForKind(ToolKind.Write, PermissionAction.Reject), AmpPermission.ForKind(ToolKind.Shell, PermissionAction.Reject, command: "rm *")));
    }

    [Fact]
    public async Task A_decision_names_the_rule_that_was_given()
    {
        using PrivateHome home = new PrivateHome().WithAnswersOfClis();
        AmpPermission rule = AmpPermission.ForKind(ToolKind.Write, PermissionAction.Reject, path: "/etc/*");
        PermissionClient client = new(CliOptions(RealCliBuild.September2026, home));
        PermissionDecision decision = await client.TestAsync(
            "create_file",
            new Dictionary<string, object> { ["path"] = "/etc/x" },
            [AmpPermission.ForKind(ToolKind.Shell, PermissionAction.Ask, command: "x"), rule],
            cancellationToken: Token);
        Assert.Equal((PermissionAction.Reject, 1), (decision.Action, decision.Index));
        Assert.Same(rule, decision.Rule);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_is_added_to_settings_is_what_the_CLI_understands(RealCliBuild build)
    {
        using PrivateHome home = new PrivateHome().WithAnswersOfClis();
        PermissionClient client = new(CliOptions(build, home));
        await client.AddAsync([AmpPermission.ForKind(ToolKind.Shell, PermissionAction.Reject, command: "rm *")], cancellationToken: Token);
        IReadOnlyList<AmpPermission> added = await client.ListAsync(cancellationToken: Token);
        Assert.Contains(added, rule => rule.Tool == "shell_command" && (string?)rule.Matches?["command"] == "rm *");
        Assert.Contains(added, rule => rule.Tool == "Bash" && (string?)rule.Matches?["cmd"] == "rm *");
    }

    [Theory]
    [InlineData(ToolKind.Other, null, null)]
    [InlineData((ToolKind)99, null, null)]
    [InlineData(ToolKind.Write, "rm *", null)]
    [InlineData(ToolKind.Shell, null, "/etc/*")]
    [InlineData(ToolKind.Search, null, "/etc/*")]
    [InlineData(ToolKind.Shell, "", null)]
    [InlineData(ToolKind.Shell, "/(/", null)]
    [InlineData(ToolKind.Write, null, " ")]
    [InlineData(ToolKind.Write, null, "/etc/")]
    [InlineData(ToolKind.Write, null, "/a/../b")]
    [InlineData(ToolKind.Write, null, "C:\\x")]
    public void What_can_be_no_rule_is_refused(ToolKind kind, string? command, string? path) => Assert.Equal(
        AmpErrorId.InvalidOption,
        Assert.Throws<AmpValidationException>(() => AmpPermission.ForKind(kind, PermissionAction.Reject, command, path)).ErrorId);

    [Fact]
    public void A_rule_for_a_kind_is_written_as_one() => Assert.Equal(
        """{"kind":"write","path":"/etc/*","action":"reject","message":"no"}""",
        AmpPermission.ForKind(ToolKind.Write, PermissionAction.Reject, path: "/etc/*", message: "no").ToJson());

    private static Dictionary<string, object> Value(string field, object? value = null) => new() { [field] = value ?? "rm *" };

    private static string Cli(RealCliBuild build)
    {
        string? cli = RepositoryLayout.RealCli(build);
        Assert.SkipWhen(cli is null, "Run 'npm ci --prefix tests/cli' to have the real CLIs.");
        return cli;
    }

    private static AmpOptions Options(RealCliBuild build, PrivateHome home, AmpPermission[] rules) => new()
    {
        CliPath = Cli(build),
        WorkingDirectory = home.Project,
        Environment = home.Environment().ToDictionary(),
        Permissions = rules,
    };

    private static CliOptions CliOptions(RealCliBuild build, PrivateHome home) => new()
    {
        CliPath = Cli(build),
        WorkingDirectory = home.Project,
        Environment = new Dictionary<string, string?>(home.Environment()) { ["AMP_API_KEY"] = "none" },
        Timeout = FakeRun.HangLimit,
    };

    private static async Task<IReadOnlyList<string>> WarningsAsync(RealCliBuild build, params AmpPermission[] rules)
    {
        using PrivateHome home = new PrivateHome().WithAnswersOfClis();

        // Without a limit, January's build is warned of for another reason.
        return [.. (await AmpClient.PlanAsync("hi", Options(build, home, rules) with { Timeout = TimeSpan.FromMinutes(1) }, Token)).Warnings];
    }

    // The calls for which the CLI says so, by their tools. The rules are made for a run whose folder is none of those that are asked about.
    private static async Task<string[]> WithActionAsync(
        RealCliBuild build, IReadOnlyList<AmpPermission> rules, string action, (string Tool, string Input, string Value)[] calls)
    {
        using PermissionProbe probe = new(build, Amp.Plans.KindRules.Of(rules, null, "/srv/elsewhere").Select(made => made.Rule));
        List<string> found = [];
        await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Token }, async (call, _) =>
        {
            string verdict = await probe.AskAsync(call.Tool, $"--{call.Input}", call.Value);
            lock (found)
            {
                if (verdict.StartsWith(action, StringComparison.Ordinal))
                {
                    found.Add(call.Tool);
                }
            }
        });
        return [.. found];
    }
}
