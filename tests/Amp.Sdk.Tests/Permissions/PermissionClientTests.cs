using System.Collections;
using System.Collections.Specialized;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Permissions;

public sealed class PermissionClientTests
{
    private const string WithComments = """
        {
          // mine
          "amp.notifications.enabled": false, // quiet
          "amp.permissions": [
            // look, do not touch
            { "tool": "Read", "action": "allow", "note": "of mine" } // always
          ]
        }
        """;

    private static readonly AmpPermission[] s_rules =
    [
        new("Bash", PermissionAction.Reject, new Hashtable { ["cmd"] = new[] { "rm *", "/^git\\s+push/" } }, message: "Größe \"😀\""),
        new("mcp__x__*", PermissionAction.Ask, new OrderedDictionary
        {
            ["options"] = new Hashtable { ["deep"] = new Hashtable { ["er"] = new object?[] { 1, 1.5, true, null, "x" } } },
            ["options.depth"] = 5,
            ["flag"] = false,
            ["none"] = null,
        }, PermissionContext.Subagent),
        new("Grep", PermissionAction.Allow, context: PermissionContext.Thread),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.LateJanuary2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task Rules_come_back_from_the_CLI_as_they_were_added(RealCliBuild build)
    {
        using PrivateHome home = new PrivateHome().WithAnswersOfClis();
        PermissionClient client = Client(build, home);
        Assert.Empty(await client.ListAsync(cancellationToken: Token));
        string file = client.SettingsPath();
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, WithComments, Token);

        await client.AddAsync(s_rules, cancellationToken: Token);
        await client.AddAsync([new AmpPermission("*", PermissionAction.Ask)], append: true, cancellationToken: Token);

        string[] expected =
        [
            .. s_rules.Select(rule => rule.ToJson()),
            """{"tool":"Read","action":"allow","note":"of mine"}""",
            """{"tool":"*","action":"ask"}""",
        ];
        Assert.Equal(expected, (await client.ListAsync(cancellationToken: Token)).Select(rule => rule.ToJson()));
        string text = await File.ReadAllTextAsync(file, Token);
        foreach (string line in WithComments.Split('\n').Where(line => line.Contains("//", StringComparison.Ordinal)))
        {
            Assert.Contains(line.TrimEnd().Replace(" // always", "", StringComparison.Ordinal), text, StringComparison.Ordinal);
        }

        Assert.Contains("// always", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(Path.GetDirectoryName(file)!), name => name.Contains("sdk", StringComparison.Ordinal));

        // The workspace's, which the CLI's own command cannot add to.
        await client.AddAsync([s_rules[0]], scope: SettingsScope.Workspace, cancellationToken: Token);
        Assert.Equal([s_rules[0].ToJson()], (await client.ListAsync(SettingsScope.Workspace, Token)).Select(rule => rule.ToJson()));
        Assert.NotEmpty(await client.ListBuiltInAsync(Token));
    }

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task Calls_are_judged_by_the_rules_of_the_call(RealCliBuild build)
    {
        using PrivateHome home = new PrivateHome().WithAnswersOfClis();
        PermissionClient client = Client(build, home);
        AmpPermission[] rules =
        [
            new("Bash", PermissionAction.Allow, new Hashtable { ["cmd"] = "ls *" }),
            new("Bash", PermissionAction.Reject, new Hashtable { ["cmd"] = "-w" }, message: "Not so."),
            new("shell_command", PermissionAction.Ask, new Hashtable { ["command"] = "ls *" }),
            new("Read", PermissionAction.Reject, new Hashtable { ["path"] = "*.key" }, PermissionContext.Subagent),
            new("Read", PermissionAction.Reject, new Hashtable { ["limit"] = 5 }),
        ];

        PermissionDecision decision = await client.TestAsync("Bash", new Hashtable { ["cmd"] = "ls -la", ["context"] = "x", ["timeout"] = 5 }, rules, cancellationToken: Token);
        Assert.Equal((PermissionAction.Allow, 0, PermissionSource.Call), (decision.Action, decision.Index, decision.Source));
        Assert.Same(rules[0], decision.Rule);
        Assert.True(decision.IsAllowed);

        decision = await client.TestAsync("Bash", new Hashtable { ["cmd"] = "-w" }, rules, cancellationToken: Token);
        Assert.Equal((PermissionAction.Reject, 1, "Not so."), (decision.Action, decision.Index, decision.Message));

        // From March 2026 on, rules for Bash are about shell_command too: the first one is meant, and not the third.
        decision = await client.TestAsync("shell_command", new Hashtable { ["command"] = "ls -la" }, rules, cancellationToken: Token);
        bool hasAlias = build is RealCliBuild.March2026 or RealCliBuild.September2026;
        Assert.Equal(hasAlias ? (PermissionAction.Allow, 0) : (PermissionAction.Ask, 2), (decision.Action!.Value, decision.Index!.Value));

        Hashtable key = new() { ["path"] = "/x/a.key" };
        decision = await client.TestAsync("Read", key, rules, PermissionContext.Subagent, cancellationToken: Token);
        Assert.Equal((PermissionAction.Reject, 3), (decision.Action, decision.Index));
        decision = await client.TestAsync("Read", key, rules, cancellationToken: Token);
        Assert.NotEqual(PermissionSource.Call, decision.Source);

        decision = await client.TestAsync("no_such_tool", null, rules, cancellationToken: Token);
        Assert.Equal((null, null, PermissionSource.None), (decision.Action, decision.Rule, decision.Source));
        Assert.False(decision.IsAllowed);

        // What the CLI cannot be asked about, and a rule would see in a run.
        AmpValidationException refused = await Assert.ThrowsAsync<AmpValidationException>(
            () => client.TestAsync("Read", new Hashtable { ["limit"] = 5 }, rules, cancellationToken: Token));
        Assert.Equal("limit", refused.Value);
        Assert.False(File.Exists(client.SettingsPath()));

        // Runs of other tests have folders too, which go with them.
        string[] folders = Directory.GetDirectories(Path.GetTempPath(), $"amp-sdk-{Environment.ProcessId}-*");
        await FakeRun.WaitForAsync(() => !folders.Any(Directory.Exists), "the end of " + string.Join(", ", folders));
    }

    [Theory]
    [InlineData(RealCliBuild.January2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task A_broken_rule_of_the_user_is_an_error_and_not_a_verdict_of_the_CLIs_own_rules(RealCliBuild build)
    {
        using PrivateHome home = new PrivateHome().WithAnswersOfClis();
        PermissionClient client = Client(build, home);
        Directory.CreateDirectory(Path.GetDirectoryName(client.SettingsPath())!);
        await File.WriteAllTextAsync(client.SettingsPath(), """{"amp.permissions":[{"tool":"Bash","action":"reject","matches":{"cmd":"/(/"}}]}""", Token);

        AmpValidationException exception = await Assert.ThrowsAsync<AmpValidationException>(
            () => client.TestAsync("Bash", new Hashtable { ["cmd"] = "ls" }, cancellationToken: Token));
        Assert.Contains("Rule 0", exception.Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(client.SettingsPath(), """{"amp.permissions":[{"tool":"Bash","action":"reject","matches":{"cmd":[]}}]}""", Token);
        exception = await Assert.ThrowsAsync<AmpValidationException>(
            () => client.TestAsync("Bash", new Hashtable { ["cmd"] = "ls" }, cancellationToken: Token));
        Assert.Contains("0.matches.cmd", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_leads_to_another_is_told_apart_by_asking_again()
    {
        using PrivateHome home = new PrivateHome().WithAnswersOfClis();
        PermissionClient client = Client(RealCliBuild.March2026, home);
        AmpPermission[] rules =
        [
            new("Read", PermissionAction.Allow, new Hashtable { ["path"] = "x" }),
            new("Grep", PermissionAction.Allow, new Hashtable { ["path"] = "x" }),
            new("shell_command", PermissionAction.Allow, new Hashtable { ["command"] = "x" }),
            new("glob", PermissionAction.Allow, new Hashtable { ["path"] = "x" }),
        ];

        PermissionDecision decision = await client.TestAsync("Bash", new Hashtable { ["cmd"] = "x" }, rules, cancellationToken: Token);

        Assert.Equal(2, decision.Index);
    }

    [Theory]
    [InlineData("cmd", "")]
    [InlineData("cmd", "--version")]
    [InlineData("__proto__", "x")]
    [InlineData("", "x")]
    [InlineData("cmd", "a\0b")]
    public async Task What_would_reach_the_CLI_as_something_else_is_refused_before_anything_starts(string name, string value)
    {
        PermissionClient client = new(new CliOptions { CliPath = "/nowhere/amp" });

        AmpValidationException exception = await Assert.ThrowsAsync<AmpValidationException>(
            () => client.TestAsync("Bash", new Hashtable { [name] = value }, cancellationToken: Token));

        Assert.Equal(AmpErrorId.InvalidOption, exception.ErrorId);
        Assert.NotNull(exception.RecommendedAction);
    }

    [Fact]
    public async Task A_wrong_rule_is_refused_and_nothing_is_written()
    {
        using PrivateHome home = new PrivateHome().WithAnswersOfClis();
        PermissionClient client = Client(RealCliBuild.March2026, home);
        string file = client.SettingsPath();
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        const string Theirs = """{"amp.permissions":[{"tool":"x","action":"delegate","to":"/nowhere/program"}]}""";
        await File.WriteAllTextAsync(file, Theirs, Token);
        AmpPermission read = Assert.Single(await client.ListAsync(cancellationToken: Token));
        Assert.Equal("/nowhere/program", read.To);

        await Assert.ThrowsAsync<AmpValidationException>(() => client.AddAsync([s_rules[0], read], cancellationToken: Token));

        Assert.Equal(Theirs, await File.ReadAllTextAsync(file, Token));
    }

    [Fact]
    public async Task An_answer_that_is_unknown_is_shown()
    {
        using FakeRun fake = new(new FakeCliScript().Out("""[{"tool":"x","action":"perhaps"}]"""));

        AmpJsonException exception = await Assert.ThrowsAsync<AmpJsonException>(
            () => new PermissionClient(fake.CliOptions()).ListAsync(cancellationToken: Token));

        Assert.Contains("perhaps", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CLI_that_hangs_is_ended_and_nothing_is_written()
    {
        using FakeRun fake = new(new FakeCliScript().IgnoreSignals("TERM", "INT").Hang());
        PermissionClient client = new(fake.CliOptions(TimeSpan.FromSeconds(5)));

        await Assert.ThrowsAsync<AmpTimeoutException>(() => client.AddAsync([s_rules[0]], cancellationToken: Token).WaitAsync(FakeRun.HangLimit, Token));
        await Assert.ThrowsAsync<AmpTimeoutException>(
            () => client.TestAsync("Bash", null, s_rules, cancellationToken: Token).WaitAsync(FakeRun.HangLimit, Token));

        Assert.False(File.Exists(client.SettingsPath()));
        fake.NothingIsLeft();
    }

    private static PermissionClient Client(RealCliBuild build, PrivateHome home)
    {
        string? cli = RepositoryLayout.RealCli(build);
        Assert.SkipWhen(cli is null, "Run 'npm ci --prefix tests/cli' to have the real CLIs.");
        return new PermissionClient(new CliOptions
        {
            CliPath = cli, WorkingDirectory = home.Project, Environment = home.Environment(), Timeout = FakeRun.HangLimit,
        });
    }
}
