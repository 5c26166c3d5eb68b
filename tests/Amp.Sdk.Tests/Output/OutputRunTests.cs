using System.Text.Json;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Output;

/// <summary>Answers in the shape that was asked for, given by the real CLIs.</summary>
public sealed class OutputRunTests
{
    private const string Schema = """{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}""";
    private const string Right = """{"value":[{"name":"a"},{"name":"b"}]}""";
    private const string Wrong = """{"value":[{"title":"a"}]}""";
    private const string Tool = "mcp__amp_output__submit";

    public static TheoryData<RealCliBuild> Builds => RealRun.Builds;

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task The_third_answer_fits(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build, Answers(Wrong, Wrong, Right));
        RunOutcome outcome = await run.RunAsync("List them.");
        ResultMessage result = outcome.Finished();
        Assert.Equal("""[{"name":"a"},{"name":"b"}]""", result.OutputJson);
        Assert.Equal(2, Assert.IsType<object?[]>(result.Output).Length);
        Assert.Equal(ResultOutcome.Succeeded, result.Outcome);
        Assert.Contains(Tool, run.Service.Requests[0].OfferedTools);
        Assert.Single(outcome.Messages.OfType<ResultMessage>());
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task An_agent_that_forgets_is_reminded_once_in_the_same_thread(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build, $$$"""
            {"rules":[{"when":{"turn":1,"step":0},"answer":{"blocks":[{"tool":"{{{Tool}}}","input":{{{Right}}}}]}},{"answer":"Done."}]}
            """);
        RunOutcome outcome = await run.RunAsync("List them.");
        Assert.NotNull(outcome.Finished().OutputJson);
        Assert.Single(run.Service.Threads);
        Assert.Single(outcome.Messages.OfType<AssistantMessage>(), message => message.EndsTurn);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task A_run_without_an_answer_is_an_error(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build, """{"rules":[{"answer":"Done."}]}""");
        RunOutcome outcome = await run.RunAsync("List them.");
        AmpOutputException error = outcome.Failed<AmpOutputException>(AmpErrorId.OutputMissing);
        Assert.Equal(ResultOutcome.OutputMissing, outcome.Result!.Outcome);
        Assert.Equal(outcome.Result, error.Result);
        Assert.Equal("Done.", outcome.Result.Result);
        Assert.Null(outcome.Result.Output);
        Assert.Equal(outcome.Result.SessionId, error.ThreadId);
        Assert.Equal(2, run.Service.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task An_agent_that_never_gets_it_right_is_ended(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build, Answers([.. Enumerable.Repeat(Wrong, 20)]));
        run.Options = run.Options with { OutputRetryLimit = 1 };
        RunOutcome outcome = await run.RunAsync("List them.");
        AmpOutputException error = outcome.Failed<AmpOutputException>(AmpErrorId.OutputInvalid);
        Assert.Equal(ResultOutcome.OutputInvalid, outcome.Result?.Outcome ?? ResultOutcome.OutputInvalid);

        // The CLIs from March on drop what the schema does not name.
        Assert.Equal(build == RealCliBuild.January2026 ? """[{"title":"a"}]""" : "[{}]", error.Rejected[0]);
        Assert.Equal(2, error.Rejected.Count);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Rules_and_approval_let_it_answer(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build, Answers(Right));
        List<string> asked = [];
        run.Options = run.Options with
        {
            Permissions = AmpPermission.ReadOnlyPreset,
            Approval = (request, _) =>
            {
                lock (asked)
                {
                    asked.Add(request.ToolName);
                }

                return Task.FromResult(ApprovalDecision.Reject());
            },
        };
        ResultMessage result = (await run.RunAsync("List them.")).Finished();
        Assert.NotNull(result.OutputJson);
        Assert.Empty(asked);
        Assert.Empty(result.Denials);

        run.Options = run.Options with { Permissions = null, Approval = null, DangerouslyAllowAll = true, ThreadId = result.SessionId };
        ResultMessage continued = (await run.RunAsync("Once more.")).Finished();
        Assert.NotNull(continued.OutputJson);
        Assert.Equal(result.SessionId, continued.SessionId);
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public async Task Each_turn_of_a_session_has_its_answer_or_an_error_and_the_session_lives_on(RealCliBuild build)
    {
        await using RealRun run = await StartAsync(build, $$$"""
            {"rules":[
              {"when":{"prompt":"forget|not given"},"answer":"Done."},
              {"when":{"toolResult":"accepted"},"answer":"Done."},
              {"answer":{"blocks":[{"tool":"{{{Tool}}}","input":{{{Right}}}}]}}
            ]}
            """);
        await using AmpSession session = await AmpSession.OpenAsync(run.Options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.NotNull((await LastAsync(session, "List them.")).OutputJson);
        AmpOutputException error = await Assert.ThrowsAsync<AmpOutputException>(() => LastAsync(session, "Please forget it."));
        Assert.Equal(AmpErrorId.OutputMissing, error.ErrorId);
        Assert.Equal(2, ((object?[])(await LastAsync(session, "List them again.")).Output!).Length);
        Assert.NotNull(await session.EndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_run_gives_objects_of_a_type()
    {
        await using RealRun run = await StartAsync(RealCliBuild.March2026, Answers("""{"value":[{"Name":"a","Size":3}]}"""));
        CancellationToken token = TestContext.Current.CancellationToken;
        AmpOptions options = run.Options with { OutputSchema = OutputSchema.Of<Item[]>() };
        Assert.Equal([new Item("a", 3)], (Item[])(await AmpClient.RunAsync("List them.", options, token)).Output!);
        Assert.Equal([new Item("a", 3)], await AmpClient.RunAsync<List<Item>>("List them.", run.Options with { OutputSchema = null }, token));

        // Two shapes cannot both be meant.
        AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => AmpClient.RunAsync<List<Item>>("List them.", options, token));
        Assert.Equal(nameof(AmpOptions.OutputSchema), error.OptionName);
    }

    [Theory]
    [InlineData(-1, 3, nameof(AmpOptions.OutputRetryLimit))]
    [InlineData(0, 0, nameof(AmpOptions.VerifyLimit))]
    public void Limits_that_are_none_are_refused(int outputs, int verifications, string option)
    {
        AmpOptions options = new() { CliPath = "/none", OutputRetryLimit = outputs, VerifyLimit = verifications };
        Assert.Equal(option, Assert.Throws<AmpValidationException>(() => AmpClient.Preview("x", options)).OptionName);
    }

    private static async Task<RealRun> StartAsync(RealCliBuild build, string scenario)
    {
        RealRun run = await RealRun.StartAsync(build, scenario);
        run.Options = run.Options with { OutputSchema = OutputSchema.Parse(Schema) };
        return run;
    }

    // The first answer comes at once, each further one when the one before was rejected.
    private static string Answers(params string[] inputs)
    {
        IEnumerable<string> rules = inputs.Select((input, i) =>
            $$$"""{"when":{"step":{{{i}}}{{{(i == 0 ? "" : ",\"toolResult\":\"rejected\"")}}}},"answer":{"blocks":[{"tool":"{{{Tool}}}","input":{{{input}}}}]}}""");
        return $$"""{"rules":[{{string.Join(',', rules)}},{"answer":"Done."}]}""";
    }

    private static async Task<AssistantMessage> LastAsync(AmpSession session, string text)
    {
        AssistantMessage? last = null;
        await foreach (StreamMessage message in session.SendAsync(text, TestContext.Current.CancellationToken))
        {
            last = message as AssistantMessage ?? last;
        }

        return last!;
    }

    public sealed record Item(string Name, int Size);
}
