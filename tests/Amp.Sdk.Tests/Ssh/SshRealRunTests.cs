using System.Collections.Concurrent;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>What this process does for a run, with real CLIs on a host.</summary>
public sealed class SshRealRunTests
{
    private const string Schema = """{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}""";

    public static TheoryData<RealCliBuild> Builds { get; } = [RealCliBuild.January2026, RealCliBuild.March2026, RealCliBuild.September2026];

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Tools_and_approvals_are_those_of_this_process(RealCliBuild build)
    {
        using SshHost host = new();
        await using RealRun run = await StartAsync(host, build);
        ConcurrentQueue<ApprovalRequest> asked = new();
        using SshToolTests.Hanging hanging = new();
        AmpTool echo = new("Echo", "Gives its input back.", """{"type":"object","properties":{"text":{"type":"string"}}}""", (input, _) => Task.FromResult(new ToolResult($"back: {input}")));
        run.Options = run.Options with
        {
            Tools = [echo, hanging.Tool, SshToolTests.Tool("Fail", _ => throw new InvalidOperationException("It broke."))],
            ToolTimeout = TimeSpan.FromSeconds(2),
            Permissions = [new AmpPermission("mcp__sdk__*", PermissionAction.Allow)],
            Approval = (request, _) =>
            {
                asked.Enqueue(request);
                return Task.FromResult(request.InputJson.Contains("make f", StringComparison.Ordinal) ? ApprovalDecision.Allow : ApprovalDecision.Reject("Use the other\ntool."));
            },
        };
        run.Script("project/make", "touch \"$1\"\n");
        RunOutcome outcome = await run.RunAsync(string.Join(
            ' ',
            RealRun.Call("mcp__sdk__Echo", """{"text":"a\nb ä 🎈"}"""),
            RealRun.Call("mcp__sdk__Fail", "{}"),
            RealRun.Call("mcp__sdk__Hang", "{}"),
            run.Command("./make f"),
            run.Command("./make g")));
        ResultMessage result = Assert.IsType<ResultMessage>(outcome.Result);
        string told = run.Service.Requests[^1].RawJson;
        Assert.All((string[])["It broke.", "did not end within 2 s", "Use the other"], text => Assert.Contains(text, told, StringComparison.Ordinal));
        Assert.Contains(outcome.Messages.OfType<UserMessage>().SelectMany(message => message.ToolResult), one => one.Text.Replace("\\uD83C\\uDF88", "🎈", StringComparison.Ordinal).Contains("""back: {"text":"a\nb ä 🎈"}""", StringComparison.Ordinal));
        Assert.Equal((true, false), (run.Made("f"), run.Made("g")));

        // The CLI of March leaves out results after those of a call that takes long, also on this machine. What the caller rejected is denied all the same.
        Assert.Equal((ResultOutcome.Denied, 1), (result.Outcome, hanging.Stopped));
        Assert.Equal(run.ShellTool, Assert.Single(result.Denials).Tool);
        Assert.Equal([(false, "Use the other\ntool."), (true, null)], result.Approvals.OrderBy(one => one.IsAllowed).Select(one => (one.IsAllowed, one.Reason)));
        Assert.All(result.Approvals, one => Assert.Contains(outcome.Messages.OfType<AssistantMessage>().SelectMany(message => message.ToolUse), use => use.Id == one.ToolUseId));
        Assert.All(asked, request => Assert.Equal((run.ShellTool, run.Project, host.Address), (request.ToolName, request.WorkingDirectory, request.HostName)));
        Assert.Equal(2, asked.Count);
        Assert.Empty(outcome.Texts(AmpEventKind.StandardError));
        NothingIsLeft(host);
    }

    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task An_answer_has_its_shape_and_is_verified_here(RealCliBuild build)
    {
        using SshHost host = new();
        const string Tool = "mcp__amp_output__submit";
        await using RealRun run = await StartAsync(host, build, $$$"""
            {"rules":[
              {"when":{"prompt":"too small","step":0},"answer":{"blocks":[{"tool":"{{{Tool}}}","input":{"value":[{"n":2}]}}]}},
              {"when":{"step":0},"answer":{"blocks":[{"tool":"{{{Tool}}}","input":{"value":[{"m":1}]}}]}},
              {"when":{"toolResult":"rejected"},"answer":{"blocks":[{"tool":"{{{Tool}}}","input":{"value":[{"n":1}]}}]}},
              {"answer":"Done."}
            ]}
            """);
        ConcurrentQueue<VerificationRequest> verified = new();
        run.Options = run.Options with
        {
            OutputSchema = OutputSchema.Parse(Schema),
            Verify = (request, _) =>
            {
                verified.Enqueue(request);
                return Task.FromResult(new AmpVerification(request.Attempt > 1, "It is too small."));
            },
        };
        RunOutcome outcome = await run.RunAsync("List them.");
        ResultMessage result = outcome.Finished();
        Assert.Equal("""[{"n":2}]""", result.OutputJson);
        Assert.Equal([false, true], result.Verifications.Select(one => one.Passed));
        Assert.All(verified, request => Assert.Equal((run.Project, host.Address), (request.WorkingDirectory, request.HostName)));
        NothingIsLeft(host);
    }

    [Theory]
    [InlineData(RealCliBuild.March2026)]
    [InlineData(RealCliBuild.September2026)]
    public async Task Tools_of_a_toolbox_run_here_and_have_their_names(RealCliBuild build)
    {
        using SshHost host = new();
        await using RealRun run = await StartAsync(host, build);
        run.Script("tool box/stock", """
            if [ "$TOOLBOX_ACTION" = describe ]; then echo '{"name":"get-stock","description":"Counts.","inputSchema":{"type":"object","properties":{"who":{"type":"string"}}}}'
            else pwd; echo "key ${AMP_API_KEY:-none}"; cat; fi

            """);
        run.Options = run.Options with
        {
            Toolbox = Path.Combine(run.Home, "tool box"),
            Permissions = [new AmpPermission("tb__get-*", PermissionAction.Allow), new AmpPermission("*", PermissionAction.Reject)],
        };
        RunOutcome outcome = await run.RunAsync(RealRun.Call("mcp__tb__get_stock", """{"who":"Ada Ü"}"""));
        Assert.Equal("tb__get-stock", outcome.Messages.OfType<AssistantMessage>().SelectMany(message => message.ToolUse).First().Name);
        ToolResultContent answer = outcome.Messages.OfType<UserMessage>().SelectMany(message => message.ToolResult).First();
        Assert.Equal($"{run.Home}/tool box\nkey none\n{{\"who\":\"Ada Ü\"}}", answer.Text.TrimEnd());
        NothingIsLeft(host);
    }

    [Fact]
    public async Task The_turns_of_a_session_use_the_same_tools_and_stopping_one_leaves_nothing()
    {
        using SshHost host = new();
        await using RealRun run = await StartAsync(host, RealCliBuild.March2026);
        int count = 0;
        using SshToolTests.Hanging hanging = new();
        run.Options = run.Options with { Tools = [SshToolTests.Tool("Count", _ => Task.FromResult(new ToolResult($"number {++count}"))), hanging.Tool] };
        CancellationToken token = TestContext.Current.CancellationToken;
        await using (AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: token))
        {
            for (int turn = 1; turn <= 2; turn++)
            {
                await foreach (StreamMessage _ in session.SendAsync(RealRun.Call("mcp__sdk__Count", "{}"), token))
                {
                }

                Assert.Contains($"number {turn}", run.Service.Requests[^1].RawJson, StringComparison.Ordinal);
            }

            using CancellationTokenSource stop = new();
            Task turned = Assert.ThrowsAsync<AmpCanceledException>(async () =>
            {
                await foreach (StreamMessage _ in session.SendAsync(RealRun.Call("mcp__sdk__Hang", "{}"), stop.Token))
                {
                }
            });
            await hanging.StartedAsync(1);
            await stop.CancelAsync();
            await turned;
            await hanging.StoppedAsync(1);
        }

        NothingIsLeft(host);
    }

    // The native CLIs unpack libraries of their own there, and leave them.
    private static void NothingIsLeft(SshHost host) => Assert.Empty(Directory.GetDirectories(host.Temporary));

    private static async Task<RealRun> StartAsync(SshHost host, RealCliBuild build, string? scenario = null)
    {
        RealRun run = await RealRun.StartAsync(build, scenario);
        run.Options = run.Options with { Transport = host.Transport };
        return run;
    }
}
