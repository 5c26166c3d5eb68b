using System.Diagnostics;
using Amp.Sdk.Tests.Support;
using Amp.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Amp.Sdk.Tests.Telemetry;

/// <summary>Traces and metrics as the real OpenTelemetry SDK exports them. Other tests run at the same time, so each looks at what is below its own activity.</summary>
[Collection(nameof(Ends.Alone))]
public sealed class TelemetryTests : IDisposable
{
    private const string Secret = "zebra crossing 4711";

    private readonly ActivitySource _source = new(nameof(TelemetryTests));
    private readonly List<Activity> _exported = [];
    private readonly TracerProvider _tracing;

    public TelemetryTests() => _tracing = OpenTelemetry.Sdk.CreateTracerProviderBuilder()
        .AddSource(AmpTelemetry.SourceName, nameof(TelemetryTests))
        .AddInMemoryExporter(_exported)
        .Build();

    public void Dispose()
    {
        AmpTelemetry.CapturesContent = false;
        _tracing.Dispose();
        _source.Dispose();
    }

    [Fact]
    public async Task A_run_is_an_activity_with_its_tool_calls_below_it()
    {
        using FakeRun run = new(Conversation());
        (Activity root, Activity[] activities) = await TraceAsync(() => run.RunAsync());
        Activity agent = Assert.Single(activities, activity => activity.DisplayName == "invoke_agent Amp");
        Assert.Equal((root.SpanId, ActivityKind.Client, ActivityStatusCode.Unset), (agent.ParentSpanId, agent.Kind, agent.Status));
        Assert.Equal("invoke_agent", agent.GetTagItem("gen_ai.operation.name"));
        Assert.Equal("T-1", agent.GetTagItem("gen_ai.conversation.id"));
        Assert.Equal((7L, 3L), (agent.GetTagItem("gen_ai.usage.input_tokens"), agent.GetTagItem("gen_ai.usage.output_tokens")));
        Assert.Equal("Succeeded", agent.GetTagItem("amp.outcome"));
        Assert.DoesNotContain(agent.TagObjects, tag => tag.Key.EndsWith(".messages", StringComparison.Ordinal));

        Activity[] calls = [.. activities.Where(activity => activity.ParentSpanId == agent.SpanId)];
        Assert.Equal(["execute_tool Bash", "execute_tool Read"], calls.Select(call => call.DisplayName).Order(StringComparer.Ordinal));
        Assert.Equal(["a", "b"], calls.Select(call => call.GetTagItem("gen_ai.tool.call.id")).Order());
        Assert.Equal(ActivityStatusCode.Error, calls.Single(call => call.DisplayName == "execute_tool Read").Status);
        Assert.Equal(ActivityStatusCode.Unset, calls.Single(call => call.DisplayName == "execute_tool Bash").Status);
        Assert.All(calls, call => Assert.DoesNotContain(call.TagObjects, tag => tag.Key is "gen_ai.tool.call.arguments" or "gen_ai.tool.call.result"));
    }

    [Fact]
    public async Task The_CLI_gets_the_context_of_the_run_unless_the_caller_sets_one()
    {
        using FakeRun run = new(Conversation());
        (_, Activity[] activities) = await TraceAsync(() => run.RunAsync());
        Assert.Equal(Assert.Single(activities, activity => activity.DisplayName == "invoke_agent Amp").Id, run.Record.Environment["TRACEPARENT"]);

        const string Own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using FakeRun given = new(Conversation());
        given.Options = given.Options with { Environment = new Dictionary<string, string?>(given.Options.Environment!) { ["TRACEPARENT"] = Own } };
        await TraceAsync(() => given.RunAsync());
        Assert.Equal(Own, given.Record.Environment["TRACEPARENT"]);
    }

    [Fact]
    public async Task A_failure_has_its_ID_and_a_call_without_a_result_is_an_error()
    {
        using FakeRun run = new(new FakeCliScript()
            .Out(Start, """{"type":"assistant","session_id":"T-1","message":{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"Bash","input":{"cmd":"ls"}}]}}""")
            .Exit(3));
        (_, Activity[] activities) = await TraceAsync(() => run.RunAsync());
        Activity agent = Assert.Single(activities, activity => activity.DisplayName == "invoke_agent Amp");
        Assert.Equal((ActivityStatusCode.Error, AmpErrorId.CliFailed), (agent.Status, agent.GetTagItem("error.type")));
        Assert.Equal("no_result", Assert.Single(activities, activity => activity.DisplayName == "execute_tool Bash").GetTagItem("error.type"));
    }

    [Fact]
    public async Task A_consumer_that_leaves_ends_the_activity()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Hang());
        (_, Activity[] activities) = await TraceAsync(async () =>
        {
            await foreach (StreamMessage _ in run.ExecuteAsync())
            {
                break;
            }
        });
        Assert.Equal("Abandoned", Assert.Single(activities, activity => activity.DisplayName == "invoke_agent Amp").GetTagItem("error.type"));
        run.NothingIsLeft();
    }

    // The process of the session goes on, and that of the run had nothing more to say.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_consumer_that_leaves_with_the_last_message_has_read_everything(bool isSession)
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Turns());
        (_, Activity[] activities) = await TraceAsync(async () =>
        {
            await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
            await foreach (StreamMessage message in isSession
                ? session.SendAsync("one", TestContext.Current.CancellationToken)
                : AmpClient.ExecuteAsync(OneAsync(), run.Options, TestContext.Current.CancellationToken))
            {
                if (isSession ? message is AssistantMessage { EndsTurn: true } : message is ResultMessage)
                {
                    break;
                }
            }
        });
        Activity agent = Assert.Single(activities, activity => activity.DisplayName == "invoke_agent Amp");
        Assert.Equal((ActivityStatusCode.Unset, null), (agent.Status, agent.GetTagItem("error.type")));

        static async IAsyncEnumerable<UserInputMessage> OneAsync()
        {
            await Task.CompletedTask;
            yield return new UserInputMessage("one");
        }
    }

    // More messages follow the end of a turn.
    [Fact]
    public async Task A_consumer_that_leaves_a_conversation_with_the_first_answer_has_not_read_everything()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Turns());
        (_, Activity[] activities) = await TraceAsync(async () =>
        {
            await foreach (StreamMessage message in AmpClient.ExecuteAsync(TwoAsync(), run.Options, TestContext.Current.CancellationToken))
            {
                if (message is AssistantMessage { EndsTurn: true })
                {
                    break;
                }
            }
        });
        Assert.Equal("Abandoned", Assert.Single(activities, activity => activity.DisplayName == "invoke_agent Amp").GetTagItem("error.type"));

        static async IAsyncEnumerable<UserInputMessage> TwoAsync()
        {
            await Task.CompletedTask;
            yield return new UserInputMessage("one");
            yield return new UserInputMessage("two");
        }
    }

    [Fact]
    public async Task Content_is_captured_only_when_it_is_switched_on_and_without_secrets()
    {
        AmpTelemetry.CapturesContent = true;
        using FakeRun run = new(Conversation(Secret));
        run.Options = run.Options with { ApiKey = new System.Net.NetworkCredential("", Secret).SecurePassword };
        (_, Activity[] activities) = await TraceAsync(() => run.RunAsync($"Use {Secret} please"));
        Activity agent = Assert.Single(activities, activity => activity.DisplayName == "invoke_agent Amp");
        Assert.Contains("please", (string)agent.GetTagItem("gen_ai.input.messages")!, StringComparison.Ordinal);
        Assert.Contains("done", (string)agent.GetTagItem("gen_ai.output.messages")!, StringComparison.Ordinal);
        Activity call = Assert.Single(activities, activity => activity.DisplayName == "execute_tool Bash");
        Assert.Contains("ls", (string)call.GetTagItem("gen_ai.tool.call.arguments")!, StringComparison.Ordinal);
        Assert.NotNull(call.GetTagItem("gen_ai.tool.call.result"));
        Assert.All(activities.SelectMany(activity => activity.TagObjects), tag => Assert.DoesNotContain(Secret, tag.Value?.ToString() ?? "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_turn_of_a_session_is_an_activity_of_its_own()
    {
        using FakeRun run = new(new FakeCliScript().Init().Turns());
        (_, Activity[] activities) = await TraceAsync(async () =>
        {
            await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
            await session.AnswerAsync("one");
            await session.AnswerAsync("two");
        });
        Activity[] turns = [.. activities.Where(activity => activity.DisplayName == "invoke_agent Amp")];
        Assert.Equal(2, turns.Length);
        Assert.All(turns, turn => Assert.Equal(ActivityStatusCode.Unset, turn.Status));
        Assert.All(turns, turn => Assert.StartsWith("T-", (string)turn.GetTagItem("gen_ai.conversation.id")!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_listener_that_fails_changes_nothing_of_a_run()
    {
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == AmpTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("gen_ai.response.model") is "fails")
                {
                    throw new InvalidOperationException("The listener fails.");
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using FakeRun run = new(Conversation(model: "fails"));
        (await run.RunAsync()).Succeeded("done");
    }

    [Fact]
    public async Task Text_that_is_not_valid_Unicode_is_captured()
    {
        AmpTelemetry.CapturesContent = true;
        using FakeRun run = new(Conversation(output: @"\ud83d"));
        RunOutcome? outcome = null;
        (_, Activity[] activities) = await TraceAsync(async () => outcome = await run.RunAsync("half \ud83d"));
        outcome!.Succeeded("done");
        Assert.Contains("half", (string)Assert.Single(activities, activity => activity.DisplayName == "invoke_agent Amp").GetTagItem("gen_ai.input.messages")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Duration_and_tokens_are_measured()
    {
        List<Metric> metrics = [];
        using (MeterProvider provider = OpenTelemetry.Sdk.CreateMeterProviderBuilder().AddMeter(AmpTelemetry.SourceName).AddInMemoryExporter(metrics).Build())
        {
            using FakeRun run = new(Conversation(model: "metered"));
            await run.RunAsync();
            provider.ForceFlush();
        }

        Dictionary<string, double> sums = Sums(metrics, "metered");
        Assert.Equal(7, sums["gen_ai.client.token.usage input"]);
        Assert.Equal(3, sums["gen_ai.client.token.usage output"]);
        Assert.True(sums["gen_ai.client.operation.duration"] > 0);
    }

    [Fact]
    public async Task Input_tokens_include_those_of_the_cache_and_the_model_is_that_of_the_main_agent()
    {
        const string Usage = """{"input_tokens":5,"output_tokens":1,"cache_creation_input_tokens":20,"cache_read_input_tokens":300}""";
        List<Metric> metrics = [];
        Activity[] activities;
        using (MeterProvider provider = OpenTelemetry.Sdk.CreateMeterProviderBuilder().AddMeter(AmpTelemetry.SourceName).AddInMemoryExporter(metrics).Build())
        {
            using FakeRun run = new(new FakeCliScript()
                .Out(
                    Start,
                    $$$"""{"type":"assistant","session_id":"T-1","message":{"id":"m1","role":"assistant","model":"main","usage":{{{Usage}}},"content":[{"type":"tool_use","id":"a","name":"Task","input":{}}]}}""",
                    $$$"""{"type":"assistant","session_id":"T-1","parent_tool_use_id":"a","message":{"id":"m2","role":"assistant","model":"inner","usage":{{{Usage}}},"content":[{"type":"text","text":"done"}]}}""")
                .Result("done"));
            (_, activities) = await TraceAsync(() => run.RunAsync());
            provider.ForceFlush();
        }

        Activity agent = Assert.Single(activities, activity => activity.DisplayName == "invoke_agent Amp");
        Assert.Equal("main", agent.GetTagItem("gen_ai.response.model"));
        Assert.Equal((650L, 2L), (agent.GetTagItem("gen_ai.usage.input_tokens"), agent.GetTagItem("gen_ai.usage.output_tokens")));
        Dictionary<string, double> sums = Sums(metrics, "main");
        Assert.Equal((650, 2), (sums["gen_ai.client.token.usage input"], sums["gen_ai.client.token.usage output"]));
    }

    private static Dictionary<string, double> Sums(List<Metric> metrics, string model)
    {
        Dictionary<string, double> sums = [];
        foreach (Metric metric in metrics)
        {
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                Dictionary<string, object?> tags = [];
                foreach (KeyValuePair<string, object?> tag in point.Tags)
                {
                    tags.Add(tag.Key, tag.Value);
                }

                if (model.Equals(tags.GetValueOrDefault("gen_ai.response.model")))
                {
                    sums[$"{metric.Name} {tags.GetValueOrDefault("gen_ai.token.type")}".Trim()] = point.GetHistogramSum();
                }
            }
        }

        return sums;
    }

    private const string Start = """{"type":"system","subtype":"init","session_id":"T-1","cwd":"/","tools":[],"mcp_servers":[]}""";

    private static FakeCliScript Conversation(string output = "a b", string model = "m") => new FakeCliScript()
        .Out(
            Start,
            $$$"""{"type":"assistant","session_id":"T-1","message":{"id":"m1","role":"assistant","model":"{{{model}}}","usage":{"input_tokens":5,"output_tokens":1},"content":[{"type":"tool_use","id":"a","name":"Bash","input":{"cmd":"ls"}},{"type":"tool_use","id":"b","name":"Read","input":{"path":"x"}}]}}""",
            $$$"""{"type":"user","session_id":"T-1","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"{{{output}}}"},{"type":"tool_result","tool_use_id":"b","content":"no such file","is_error":true}]}}""",
            $$$"""{"type":"assistant","session_id":"T-1","message":{"id":"m2","role":"assistant","model":"{{{model}}}","stop_reason":"end_turn","usage":{"input_tokens":2,"output_tokens":2},"content":[{"type":"text","text":"done"}]}}""")
        .Result("done");

    private async Task<(Activity Root, Activity[] Activities)> TraceAsync(Func<Task> work)
    {
        Activity root = _source.StartActivity("test")!;
        await work();
        root.Dispose();
        _tracing.ForceFlush();
        return (root, [.. _exported.Where(activity => activity.TraceId == root.TraceId && activity != root)]);
    }
}
