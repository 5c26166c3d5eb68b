using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Reliability;

public sealed class StreamTests
{
    private const string One = "T-01a1fbd7-0c6f-734a-b675-4e105a21993a";
    private const string Other = "T-01a1fbd7-0c6f-734a-b675-4e105a21993b";

    [Fact]
    public async Task A_thread_that_only_the_result_names_is_known()
    {
        using FakeRun run = new(new FakeCliScript()
            .Out("""{"type":"assistant","message":{"role":"assistant","content":[{"type":"text","text":"a"}]}}""")
            .Out($$"""{"type":"result","subtype":"error_during_execution","is_error":true,"error":"no","session_id":"{{One}}"}"""));
        AmpAgentException error = await Assert.ThrowsAsync<AmpAgentException>(() => run.ResultAsync());
        Assert.Equal(One, error.ThreadId);
    }

    [Fact]
    public async Task A_message_of_another_thread_is_given_with_one_warning_that_names_both()
    {
        using FakeRun run = new(new FakeCliScript().Init()
            .Out($$"""{"type":"assistant","message":{"role":"assistant","content":[]},"session_id":"{{Other}}"}""")
            .Out($$"""{"type":"assistant","message":{"role":"assistant","content":[]},"session_id":"{{Other}}"}""")
            .Result("done"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal("system assistant Warning assistant result", outcome.Kinds);
        string warning = Assert.Single(outcome.Texts(AmpEventKind.Warning));
        Assert.Contains(Other, warning, StringComparison.Ordinal);
        Assert.Contains(outcome.Messages[0].SessionId!, warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(One, 0)]
    [InlineData(Other, 1)]
    public async Task A_thread_that_is_continued_must_be_the_one_that_answers(string answers, int warnings)
    {
        using FakeRun run = new(new FakeCliScript()
            .Out($$"""{"type":"system","subtype":"init","session_id":"{{answers}}"}""")
            .Out($$"""{"type":"result","subtype":"success","result":"done","session_id":"{{answers}}"}"""));
        run.Options = run.Options with { ThreadId = $"https://ampcode.com/threads/{One}" };
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal(warnings, outcome.Texts(AmpEventKind.Warning).Count);
        Assert.All(outcome.Texts(AmpEventKind.Warning), text => Assert.Contains(One, text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Error: This thread is archived and cannot be continued.", AmpErrorId.ThreadArchived)]
    [InlineData("Error: API request for getUserInfo failed: 426 Upgrade Required", AmpErrorId.CliOutdated)]
    [InlineData("HTTP 426: Please update your client", AmpErrorId.CliOutdated)]
    [InlineData("Error: line 426 of main.js", AmpErrorId.CliFailed)]
    public async Task What_can_be_mended_has_an_ID_of_its_own(string words, string errorId)
    {
        using FakeRun run = new(new FakeCliScript().Error(words).Exit(1));
        run.Options = run.Options with { ThreadId = One };
        AmpProcessException error = (await run.RunAsync()).Failed<AmpProcessException>(errorId);
        Assert.NotEmpty(error.RecommendedAction!);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }
}
