using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Tools;

/// <summary>Tools of this process, called by the real CLIs.</summary>
public sealed class ToolRunTests
{
    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    public static MatrixTheoryData<RealCliBuild, bool> Limits => RealRun.BuildsWith(false, true);

    private const string Schema = """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a","b"]}""";

    private static readonly AmpTool s_add = new("Add", "Adds two numbers.", Schema, (input, _) =>
    {
        using JsonDocument numbers = JsonDocument.Parse(input);
        return Task.FromResult(new ToolResult($"{numbers.RootElement.GetProperty("a").GetInt32() + numbers.RootElement.GetProperty("b").GetInt32()}"));
    });

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task The_agent_calls_them_and_the_port_is_closed_after_the_run(RealCliBuild build)
    {
        string? url = null;
        List<string> warnings = [];
        AmpTool hang = Tool("Hang-Up", async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return new ToolResult("never");
        });
        await using RealRun run = await StartAsync(build, s_add, hang, Tool("Throw", _ => throw new InvalidOperationException("It broke.")));

        // January's knows no list of tools.
        bool lists = build != RealCliBuild.January2026;
        run.Options = run.Options with { ToolServerName = "port", ToolTimeout = TimeSpan.FromSeconds(3), EnabledTools = lists ? ["Read"] : null };
        RunPlan plan = await AmpClient.PlanAsync(
            RealRun.Call("mcp__port__Add", """{"a":20,"b":22}""")
            + RealRun.Call("mcp__port__Hang_Up", "{}") + RealRun.Call("mcp__port__Throw", "{}"),
            run.Options,
            TestContext.Current.CancellationToken);
        await foreach (AmpEvent item in AmpClient.StreamAsync(plan, TestContext.Current.CancellationToken))
        {
            url ??= UrlOf("port");
            if (item.Kind == AmpEventKind.Warning)
            {
                warnings.Add(item.Text!);
            }
        }

        Assert.DoesNotContain(warnings, warning => warning.Contains("'port'", StringComparison.Ordinal));
        Assert.Equal(
            ["mcp__port__Add", "mcp__port__Hang_Up", "mcp__port__Throw"],
            run.Service.Requests[0].OfferedTools.Where(tool => tool.StartsWith("mcp__", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(lists ? 4 : run.Service.Requests[0].OfferedTools.Count, run.Service.Requests[0].OfferedTools.Count);
        string told = run.Service.Requests[^1].RawJson;
        Assert.Contains("42", told, StringComparison.Ordinal);
        Assert.Contains("did not end within 3 s", told, StringComparison.Ordinal);
        Assert.Contains("It broke.", told, StringComparison.Ordinal);
        using TcpClient probe = new();
        await Assert.ThrowsAsync<SocketException>(() => probe.ConnectAsync(IPAddress.Loopback, new Uri(url!).Port, TestContext.Current.CancellationToken).AsTask());
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task What_a_rule_rejects_is_not_called(RealCliBuild build)
    {
        bool called = false;
        await using RealRun run = await StartAsync(build, Tool("Drop", _ =>
        {
            called = true;
            return Task.FromResult(new ToolResult("dropped"));
        }));
        SettingsRun.Write(run.UserFile, """{ "amp.permissions": [{ "tool": "mcp__sdk__Drop", "action": "reject" }] }""");
        ResultMessage result = await run.ResultAsync(RealRun.Call("mcp__sdk__Drop", "{}"));
        Assert.False(called);
        Assert.Equal(ResultOutcome.Denied, result.Outcome);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_proxy_does_not_get_their_calls(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build, s_add);

        // Nobody listens there. The native CLIs know no ranges of addresses.
        run.Options = run.Options with
        {
            Environment = new Dictionary<string, string?>(run.Options.Environment!)
            {
                ["HTTP_PROXY"] = "http://127.0.0.1:1/",
                ["no_proxy"] = null,
                ["NO_PROXY"] = "127.0.0.0/8",
            },
        };
        ResultMessage result = await run.ResultAsync(RealRun.Call("mcp__sdk__Add", """{"a":20,"b":22}"""));
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
        Assert.Contains("42", run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_list_of_the_user_or_the_project_does_not_hide_them(RealCliBuild build, bool isOfProject)
    {
        await using RealRun run = await StartAsync(build, s_add);
        string file = isOfProject ? Path.Combine(run.Project, ".amp", "settings.json") : run.UserFile;
        SettingsRun.Write(file, """{"amp.tools.enable":["Read"]}""");
        ResultMessage result = await run.ResultAsync(RealRun.Call("mcp__sdk__Add", """{"a":20,"b":22}"""));
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
        Assert.Contains("42", run.Service.Requests[^1].LastToolResult, StringComparison.Ordinal);

        // January's knows no list of tools.
        Assert.Equal(build == RealCliBuild.January2026, run.Service.Requests[0].OfferedTools.Contains(run.ShellTool));
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task The_run_ends_though_a_tool_is_at_work(RealCliBuild build)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool stopped = false;
        await using RealRun run = await StartAsync(build, Tool("Hang", async token =>
        {
            started.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }
            finally
            {
                stopped = true;
            }

            return new ToolResult("never");
        }));
        using CancellationTokenSource cancel = new();
        _ = started.Task.ContinueWith(_ => cancel.Cancel(), TaskScheduler.Default);
        RunOutcome outcome = await RunOutcome.OfAsync(
            AmpClient.PlanAsync(RealRun.Call("mcp__sdk__Hang", "{}"), run.Options, CancellationToken.None), string.Empty, cancel.Token)
            .WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.IsType<AmpCanceledException>(outcome.Error);
        Assert.True(stopped);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tool_that_ignores_its_token_is_given_up_at_its_limit_and_the_silence_of_the_CLI_counts_again(bool isBlocking)
    {
        using FakeRun run = new();
        using ManualResetEventSlim release = new();
        TaskCompletionSource<ToolResult> released = new();
        run.Follow(new FakeCliScript().EndPolitely().Init().Mark(run.Mark("up")).Hang());
        run.Options = run.Options with
        {
            ToolTimeout = TimeSpan.FromMilliseconds(300),

            // Long enough for the call to reach the tool on a busy machine.
            IdleTimeout = FakeRun.ShortLimit,
            Tools = [Tool("Deaf", _ =>
            {
                (isBlocking ? (Action)release.Wait : () => { })();
                return released.Task;
            })],
        };
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("up");
        using ToolClient client = ToolClient.Of(run.Record);
        await client.InitializeAsync();
        Assert.Contains(
            "did not end within 0.3 s", (await client.AskAsync("tools/call", """{"name":"Deaf","arguments":{}}""")).ToJsonString(), StringComparison.Ordinal);
        (await running).Failed<AmpTimeoutException>(AmpErrorId.IdleTimeout);
        release.Set();
        released.SetException(new InvalidOperationException("Too late for anybody."));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("-")]
    [InlineData("a/b")]
    [InlineData("a\n")]
    public void A_name_that_the_CLI_would_change_beyond_recognition_is_refused(string name) =>
        Assert.Equal("Name", Assert.Throws<AmpValidationException>(() => new AmpTool(name, "x", Schema, Nothing)).OptionName);

    [Theory]
    [InlineData("a", "A")]
    [InlineData("ok", "a123456789012345678901234567890123456789012345678901234")]
    public async Task Names_that_the_model_could_not_tell_apart_are_refused(string first, string second)
    {
        using FakeRun run = new();
        run.Options = run.Options with { Tools = [new AmpTool(first, "x", Schema, Nothing), new AmpTool(second, "x", Schema, Nothing)] };
        (await run.RunAsync()).Failed<AmpValidationException>(AmpErrorId.InvalidOption);
    }

    [Fact]
    public async Task Names_that_the_CLI_would_make_one_are_numbered()
    {
        await using RealRun run = await RealRun.StartAsync(RealCliBuild.March2026, """
            {"rules":[
              {"when":{"step":0},"answer":{"blocks":[{"tool":"mcp__sdk__Get_Foo","input":{}},{"tool":"mcp__sdk__Get_Foo_2","input":{}},{"tool":"mcp__sdk__Get_Foo_3","input":{}}]}},
              {"answer":"Done."}
            ]}
            """);
        AmpTool Named(string name) => new(name, "x", Schema, (_, _) => Task.FromResult(new ToolResult($"from {name}")));
        run.Options = run.Options with { Tools = [Named("Get-Foo"), Named("Get-_-Foo"), Named("Get_Foo_2")] };
        Assert.Equal(["mcp__sdk__Get_Foo", "mcp__sdk__Get_Foo_3", "mcp__sdk__Get_Foo_2"], AmpClient.Preview("x", run.Options).ToolNames);
        RunOutcome outcome = await run.RunAsync("go");
        Assert.Equal(
            ["from Get-Foo", "from Get_Foo_2", "from Get-_-Foo"],
            outcome.Messages.OfType<UserMessage>().SelectMany(message => message.Content.OfType<ToolResultContent>()).Select(result => result.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"type":"array"}""")]
    [InlineData("{}")]
    public void A_schema_of_no_object_is_refused(string schema) =>
        Assert.Throws<AmpValidationException>(() => new AmpTool("a", "x", schema, Nothing));

    private static AmpTool Tool(string name, Func<CancellationToken, Task<ToolResult>> work) =>
        new(name, "Does it.", """{"type":"object"}""", (_, token) => work(token));

    private static Task<ToolResult> Nothing(string input, CancellationToken token) => Task.FromResult(new ToolResult(input));

    private static async Task<RealRun> StartAsync(RealCliBuild build, params AmpTool[] tools)
    {
        RealRun run = await RealRun.StartAsync(build);
        run.Options = run.Options with { Tools = tools };
        return run;
    }

    // Only in a file of the run's own, which is told by the name of its server: runs of other tests have such files too.
    private static string? UrlOf(string server)
    {
        foreach (string folder in Directory.GetDirectories(Path.GetTempPath(), $"amp-sdk-{Environment.ProcessId}-*"))
        {
            try
            {
                using JsonDocument servers = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "mcp.json")));
                if (servers.RootElement.TryGetProperty(server, out JsonElement found))
                {
                    return found.GetProperty("url").GetString();
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
            {
                // Of another run, which has no such file, or has just ended.
            }
        }

        return null;
    }
}
