using System.Collections.Specialized;
using System.Text.Json;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.RealRuns;

/// <summary>What a CLI says that it would do with a call is what a run does with it: twenty calls, asked about one by one and made in a batch.</summary>
public sealed class AgreementTests
{
    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_test_of_rules_and_a_run_agree(RealCliBuild build)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The commands are a shell's.");
        await using RealRun run = await RealRun.StartAsync(build);
        await File.WriteAllTextAsync(Path.Combine(run.Project, "victim"), "old\n", TestContext.Current.CancellationToken);
        run.Options = run.Options with { Permissions = Rules(run.Project) };
        Call[] calls = Calls(run);
        Assert.Equal(20, calls.Length);

        PermissionClient client = new(new CliOptions
        {
            CliPath = run.Options.CliPath, WorkingDirectory = run.Project, Environment = run.Options.Environment, Timeout = FakeRun.HangLimit,
        });
        PermissionAction?[] said = new PermissionAction?[calls.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, calls.Length),
            new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken },
            async (i, token) => said[i] = await SaysAsync(client, calls[i], run.Options.Permissions!, token));
        Assert.Equal([PermissionAction.Allow, PermissionAction.Reject, PermissionAction.Ask], said.OfType<PermissionAction>().Distinct().Order());

        // A question ends a whole run of the earlier builds, so there these calls are made in a run of their own. January's may wait for ever then.
        int[] asked = [.. Enumerable.Range(0, calls.Length).Where(i => said[i] == PermissionAction.Ask)];
        int[][] batches = build switch
        {
            RealCliBuild.September2026 => [[.. Enumerable.Range(0, calls.Length)]],
            RealCliBuild.January2026 => [[.. Enumerable.Range(0, calls.Length).Except(asked)]],
            _ => [[.. Enumerable.Range(0, calls.Length).Except(asked)], asked],
        };
        string[] actual = new string[calls.Length];
        foreach (int[] batch in batches)
        {
            RunOutcome outcome = await run.RunAsync(string.Join(' ', batch.Select(i => RealRun.Call(calls[i].Tool, JsonSerializer.Serialize(calls[i].Input)))));
            ToolUseContent[] made = [.. outcome.Messages.OfType<AssistantMessage>().SelectMany(message => message.ToolUse)];
            Assert.Equal(batch.Length, made.Length);
            HashSet<string?> denied = [.. outcome.Result!.Denials.Select(denial => denial.ToolUseId)];
            for (int i = 0; i < batch.Length; i++)
            {
                actual[batch[i]] = $"{calls[batch[i]]} {(denied.Contains(made[i].Id) ? "is denied" : "runs")}";
            }
        }

        // A call of a tool that the build has and does not offer is no call to decide about.
        int[] compared = [.. batches.SelectMany(batch => batch).Where(i => run.Service.Requests[0].OfferedTools.Contains(calls[i].Tool)).Order()];
        Assert.True(compared.Length >= 14, $"{compared.Length} calls");
        Assert.Equal(
            compared.Select(i => $"{calls[i]} {(said[i] == PermissionAction.Allow ? "runs" : "is denied")}"),
            compared.Select(i => actual[i]));
    }

    // A real CLI was seen to fail at such a question on a busy machine, once in some hundreds; it is asked once more.
    private static async Task<PermissionAction?> SaysAsync(PermissionClient client, Call call, IReadOnlyList<AmpPermission> rules, CancellationToken token)
    {
        try
        {
            return (await client.TestAsync(call.Tool, call.Input, rules, cancellationToken: token)).Action;
        }
        catch (AmpException)
        {
            return (await client.TestAsync(call.Tool, call.Input, rules, cancellationToken: token)).Action;
        }
    }

    private static AmpPermission[] Rules(string project) =>
    [
        AmpPermission.ForKind(ToolKind.Shell, PermissionAction.Reject, command: "rej*"),
        AmpPermission.ForKind(ToolKind.Shell, PermissionAction.Allow, command: "printf *"),
        AmpPermission.ForKind(ToolKind.Shell, PermissionAction.Ask, command: "touch asked*"),
        AmpPermission.ForKind(ToolKind.Write, PermissionAction.Reject, path: Path.Combine(project, "no", "*")),
        new("create_file", PermissionAction.Allow, new OrderedDictionary { ["path"] = Path.Combine(project, "*") }),
        new("edit_file", PermissionAction.Reject, new OrderedDictionary { ["new_str"] = "/^secret/" }, message: "Not that."),
        new("Grep", PermissionAction.Reject, new OrderedDictionary { ["pattern"] = "password*" }),
        new("glo?", PermissionAction.Reject),
    ];

    private static Call[] Calls(RealRun run)
    {
        string project = run.Project;
        string victim = Path.Combine(project, "victim");
        Call Shell(string command) => new(run.ShellTool, (run.CommandField, command));
        Call Create(string file) => new("create_file", ("path", Path.Combine(project, file)), ("content", "x"));
        return
        [
            Shell("printf one"),
            Shell("printf two; printf three"),
            Shell("reject-me"),
            Shell("rej --force"),
            Shell("touch asked"),
            Shell("touch made"),
            Shell("git push origin"),
            Shell("ls"),
            Shell("cat victim"),
            Shell("unheard-of --program"),
            Create("yes"),
            Create("no/a"),
            Create("no/b/c"),
            new("edit_file", ("path", victim), ("old_str", "old"), ("new_str", "new")),
            new("edit_file", ("path", victim), ("old_str", "old"), ("new_str", "secret")),
            new("edit_file", ("path", Path.Combine(project, "no", "a")), ("old_str", "old"), ("new_str", "new")),
            new("Read", ("path", victim)),
            new("Grep", ("pattern", "old"), ("path", project)),
            new("Grep", ("pattern", "password1"), ("path", project)),
            new("glob", ("filePattern", "*")),
        ];
    }

    private sealed class Call(string tool, params (string Name, string Value)[] input)
    {
        public string Tool => tool;

        public Dictionary<string, string> Input { get; } = input.ToDictionary(value => value.Name, value => value.Value);

        public override string ToString() => $"{tool} {string.Join(' ', Input.Values)}";
    }
}
