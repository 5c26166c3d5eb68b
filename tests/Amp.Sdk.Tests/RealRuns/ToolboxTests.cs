using System.Collections.Concurrent;
using System.Globalization;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.RealRuns;

/// <summary>
/// A folder of toolbox executables is worth the same on a CLI that runs them (March 2026) and on one that has dropped toolboxes (September 2026),
/// where this library runs them.
/// </summary>
public sealed class ToolboxTests
{
    private static readonly string[] s_described = ["tb__fail", "tb__get-stock", "tb__hang", "tb__lines"];

    public static TheoryData<RealCliBuild> Builds { get; } = [RealCliBuild.March2026, RealCliBuild.September2026];

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task The_same_executables_answer_the_same(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        SettingsRun.Write(run.UserFile, """{"amp.tools.stopTimeout":4}""");
        run.Options = run.Options with { ToolboxTimeout = TimeSpan.FromSeconds(4) };
        RunOutcome outcome = await run.RunAsync(string.Join(
            ' ',
            Call(build, "get-stock", """{"who":"Ada Ü"}"""),
            Call(build, "lines", """{"count":2,"tags":["a","b"]}"""),
            Call(build, "fail", "{}"),
            Call(build, "hang", "{}")));
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        Dictionary<string, ToolResultContent> results = Results(outcome);
        Assert.Equal(s_described, results.Keys.Order(StringComparer.Ordinal));

        Assert.Equal("""greetings for {"who":"Ada Ü"}""", results["tb__get-stock"].Text.TrimEnd());
        Assert.Equal(0, results["tb__get-stock"].ExitCode);
        Assert.Equal("count: 2\ntags_0: a\ntags_1: b", results["tb__lines"].Text.TrimEnd());

        Assert.Equal(3, results["tb__fail"].ExitCode);
        Assert.False(results["tb__fail"].IsError);
        Assert.Contains("half", results["tb__fail"].Text, StringComparison.Ordinal);
        Assert.Contains("broken", results["tb__fail"].Text, StringComparison.Ordinal);

        Assert.NotEqual(0, results["tb__hang"].ExitCode);
        Assert.True(results["tb__hang"].IsError);
        string processId = await File.ReadAllTextAsync(Path.Combine(run.Project, "hanging"), TestContext.Current.CancellationToken);
        Assert.False(ProcessProbe.IsRunning(int.Parse(processId, CultureInfo.InvariantCulture)));

        IEnumerable<string> offered = outcome.Messages.OfType<SystemMessage>().First().Tools.Where(tool => tool.Contains("tb__", StringComparison.Ordinal));
        Assert.Equal(s_described, offered.Order(StringComparer.Ordinal));
        string[] warnings = [.. outcome.Texts(AmpEventKind.Warning)];
        Assert.Equal(build == RealCliBuild.September2026 ? 4 : 0, warnings.Length);
        foreach (string file in build == RealCliBuild.September2026 ? ["nonsense", "fails-to-describe", "twice", "forgotten"] : Array.Empty<string>())
        {
            Assert.Single(warnings, warning => warning.Contains(Path.Combine("tool box", file), StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Rules_lists_and_denials_call_a_tool_the_same(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        SettingsRun.Write(run.UserFile, """{"amp.permissions":[{"tool":"tb__fail","action":"reject","message":"Not this."}],"amp.tools.disable":["tb__hang"]}""");
        run.Options = run.Options with
        {
            Permissions =
            [
                new AmpPermission("tb__get-*", PermissionAction.Allow, new System.Collections.Specialized.OrderedDictionary { ["who"] = "Ada*" }),
                new AmpPermission("tb__get-stock", PermissionAction.Reject),
                new AmpPermission("mcp__*", PermissionAction.Reject),
            ],
        };
        RunOutcome outcome = await run.RunAsync(string.Join(
            ' ',
            Call(build, "get-stock", """{"who":"Ada"}"""),
            Call(build, "get-stock", """{"who":"Bob"}"""),
            Call(build, "lines", "{}"),
            Call(build, "fail", "{}")));
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        ResultMessage result = outcome.Result!;
        Assert.Equal(["tb__fail", "tb__get-stock"], result.Denials.Select(denial => denial.Tool).Order(StringComparer.Ordinal));
        Assert.All(result.Denials, denial => Assert.Equal(ToolKind.Other, denial.Kind));
        ToolResultContent[] answers = [.. outcome.Messages.OfType<UserMessage>().SelectMany(message => message.Content.OfType<ToolResultContent>())];
        Assert.Equal(2, answers.Count(answer => answer.ExitCode == 0));
        Assert.DoesNotContain("tb__hang", Offered(run, outcome));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Only_the_tools_that_are_enabled_are_offered_and_an_approval_knows_them_by_their_names(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        ConcurrentBag<string> asked = [];
        run.Options = run.Options with
        {
            EnabledTools = ["Read", "tb__get-stock"],
            Approval = (request, _) =>
            {
                asked.Add(request.ToolName);
                return Task.FromResult(ApprovalDecision.Reject("No."));
            },
        };
        RunOutcome outcome = await run.RunAsync(Call(build, "get-stock", """{"who":"Ada"}"""));
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
        Assert.Equal(["Read", "tb__get-stock"], Offered(run, outcome));
        Assert.Equal(["tb__get-stock"], asked);
        Assert.Equal(["tb__get-stock"], outcome.Result!.Denials.Select(denial => denial.Tool));
        Assert.Equal(["tb__get-stock"], outcome.Result.Approvals.Select(approval => approval.ToolName));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_tool_at_work_ends_with_the_run(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build);
        using CancellationTokenSource cancel = new();
        Task canceling = Task.Run(async () =>
        {
            await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(run.Project, "hanging")), FakeRun.HangLimit);
            await cancel.CancelAsync();
        }, TestContext.Current.CancellationToken);
        RunOutcome outcome = await RunOutcome.OfAsync(AmpClient.PlanAsync(Call(build, "hang", "{}"), run.Options, CancellationToken.None), string.Empty, cancel.Token)
            .WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        await canceling;
        Assert.IsType<AmpCanceledException>(outcome.Error);
        string processId = await File.ReadAllTextAsync(Path.Combine(run.Project, "hanging"), TestContext.Current.CancellationToken);
        Assert.False(ProcessProbe.IsRunning(int.Parse(processId, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task The_key_does_not_reach_the_model_through_a_tool()
    {
        await using RealRun run = await StartAsync(RealCliBuild.September2026);
        Tool(run, "leak", """{"name":"leak","description":"Leaks."}""", "echo \"key $AMP_API_KEY\"");
        RunOutcome outcome = await run.RunAsync(Call(RealCliBuild.September2026, "leak", "{}"));
        Assert.Equal("key ***", Results(outcome)["tb__leak"].Text);
        Assert.DoesNotContain(run.Service.Requests, request => request.RawJson.Contains("canary", StringComparison.Ordinal));
    }

    private static async Task<RealRun> StartAsync(RealCliBuild build)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The tools are shell scripts.");
        RealRun run = await RealRun.StartAsync(build);
        Tool(
            run,
            "stock",
            """{"name":"get-stock","description":"Greets somebody.","inputSchema":{"type":"object","properties":{"who":{"type":"string"}},"required":["who"]}}""",
            "printf 'greetings for '; cat");
        Tool(run, "text", "name: lines\ndescription: Says its lines.\ncount: integer? how many\ntags: array? which", "cat");
        Tool(run, "fail", """{"name":"fail","description":"Fails.","args":{"why":["string","why"]}}""", "cat > /dev/null; echo half; echo broken >&2; exit 3");
        Tool(run, "hang", """{"name":"hang","description":"Hangs."}""", "echo $$ > hanging.part; mv hanging.part hanging; exec sleep 1000");
        Tool(run, "nonsense", "hello", "cat");
        run.Script("tool box/fails-to-describe", "echo no >&2; exit 1\n");
        run.Script("tool box/README.md", "exit 1\n");
        SettingsRun.Write(Path.Combine(run.Home, "tool box", "data.json"), "{}");
        if (build == RealCliBuild.September2026)
        {
            // Which one of two wins, and whether a file can be run at all, the CLIs that run them tell nobody.
            Tool(run, "twice", """{"name":"get_stock","description":"Another."}""", "echo wrong");
            SettingsRun.Write(Path.Combine(run.Home, "tool box", "forgotten"), "#!/bin/sh\n");
        }

        run.Options = run.Options with { Toolbox = Path.Combine(run.Home, "tool box") };
        return run;
    }

    private static void Tool(RealRun run, string file, string description, string work) => run.Script(
        $"tool box/{file}", $"if [ \"$TOOLBOX_ACTION\" = describe ]; then cat <<'END_OF_IT'\n{description}\nEND_OF_IT\nelse\n{work}\nfi\n");

    // The model calls a tool by the name that it is offered.
    private static string Call(RealCliBuild build, string tool, string input) =>
        RealRun.Call(build == RealCliBuild.March2026 ? $"tb__{tool}" : $"mcp__tb__{tool.Replace('-', '_')}", input);

    private static string[] Offered(RealRun run, RunOutcome outcome) => run.Service.Requests.Count > 0
        ? [.. run.Service.Requests[0].OfferedTools.Order(StringComparer.Ordinal).Select(tool => tool == "mcp__tb__get_stock" ? "tb__get-stock" : tool)]
        : [.. outcome.Messages.OfType<SystemMessage>().First().Tools.Order(StringComparer.Ordinal)];

    private static Dictionary<string, ToolResultContent> Results(RunOutcome outcome)
    {
        Dictionary<string, string> names = outcome.Messages.OfType<AssistantMessage>().SelectMany(message => message.Content.OfType<ToolUseContent>())
            .ToDictionary(call => call.Id!, call => call.Name!);
        return outcome.Messages.OfType<UserMessage>().SelectMany(message => message.Content.OfType<ToolResultContent>())
            .ToDictionary(result => names[result.ToolUseId!]);
    }
}
