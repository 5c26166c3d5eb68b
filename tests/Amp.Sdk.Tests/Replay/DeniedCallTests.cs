using System.Collections.Specialized;
using Amp.Testing;

namespace Amp.Sdk.Tests.Replay;

/// <summary>What did not happen in the recorded run does not happen in its replay: calls that were denied, and calls with hashes instead of arguments.</summary>
public sealed class DeniedCallTests : IDisposable
{
    private const string Thread = "T-01a1fbd6-de8d-719c-933e-68551eac1394";

    private readonly PrivateHome _home = new();
    private readonly AmpTool _tool;
    private readonly Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>> _allow;
    private int _calls;
    private int _questions;

    public DeniedCallTests()
    {
        _tool = new AmpTool("add", "Adds.", """{"type":"object"}""", (_, _) => Task.FromResult(new ToolResult($"{++_calls}")));
        _allow = (_, _) =>
        {
            _questions++;
            return Task.FromResult(ApprovalDecision.Allow);
        };
    }

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("full", "Tool rejected by plugin: Rejected by user permissions rule 0: reject mcp__sdk__add", "false", "")]
    [InlineData("full", "Tool execution rejected by user", "true", "")]
    [InlineData("full", "use something else", "true", ",\"denied\":[\"c1\"]")]
    [InlineData("hash", "sha256:c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2:6", "false", ",\"denied\":[\"c1\"]")]
    public async Task A_call_that_a_rule_denied_is_neither_made_nor_asked_about(string content, string result, string isError, string denied)
    {
        AmpReplay replay = await RecordedAsync(content, $$$$"""
            {"run":"r","ms":30,"line":{"type":"user","session_id":"{{{{Thread}}}}","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"{{{{result}}}}","is_error":{{{{isError}}}}}]}}{{{{denied}}}}}
            {"run":"r","ms":40,"line":{"type":"assistant","session_id":"{{{{Thread}}}}","message":{"role":"assistant","content":[{"type":"text","text":"done"}],"stop_reason":"end_turn"}}}
            {"run":"r","ms":50,"line":{"type":"result","subtype":"success","is_error":false,"num_turns":2,"result":"done","session_id":"{{{{Thread}}}}"}}
            {"run":"r","ms":60,"end":{"outcome":"Denied","exit_code":0}}
            """);
        ResultMessage end = await AmpClient.RunAsync("go", replay.Of(new AmpOptions { Tools = [_tool], Approval = content == "hash" ? null : _allow }), Token);

        Assert.Equal("done", end.Result);
        Assert.Equal((0, 0), (_calls, _questions));
    }

    [Fact]
    public async Task A_call_that_ended_its_run_because_nobody_could_be_asked_is_not_made()
    {
        AmpReplay replay = await RecordedAsync("full", $$$$"""
            {"run":"r","ms":30,"line":{"type":"result","subtype":"error_during_execution","is_error":true,"num_turns":1,"error":"The following tools require user approval, which is not supported in stream JSON mode: mcp__sdk__add","session_id":"{{{{Thread}}}}"}}
            {"run":"r","ms":40,"end":{"outcome":"Denied","exit_code":0}}
            """);
        AmpException failed = await Assert.ThrowsAnyAsync<AmpException>(() => AmpClient.RunAsync("go", replay.Of(new AmpOptions { Tools = [_tool] }), Token));

        Assert.NotEqual(AmpErrorId.ReplayMismatch, failed.ErrorId);
        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task Tools_and_decisions_get_no_hashes()
    {
        OrderedDictionary input = new() { ["cmd"] = "rm" };
        AmpOptions plain = new();
        AmpOptions tools = new() { Tools = [_tool] };
        AmpOptions approval = new() { Approval = _allow };
        Func<AmpOptions, Task<ResultMessage>> ofCli = await HashedAsync(plain, new MockToolUse("Bash", input) { Result = "x" });
        Assert.Equal(1, (await ofCli(plain)).ToolUseCount);

        foreach ((AmpOptions options, MockToolUse use) in ((AmpOptions, MockToolUse)[])[(tools, new MockToolUse("add", input)), (approval, new MockToolUse("Bash", input) { Result = "x" })])
        {
            Func<AmpOptions, Task<ResultMessage>> replay = await HashedAsync(options, use);
            Assert.Equal(1, _calls + _questions);
            AmpValidationException refused = await Assert.ThrowsAsync<AmpValidationException>(() => replay(options));
            Assert.Equal(AmpErrorId.ReplayMismatch, refused.ErrorId);
            Assert.Equal(1, _calls + _questions);
            _calls = 0;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Records a run with hashes, and returns its replay.
    private async Task<Func<AmpOptions, Task<ResultMessage>>> HashedAsync(AmpOptions options, MockToolUse use)
    {
        string path = Path.Combine(_home.Root, $"{Guid.NewGuid():N}.ndjson");
        AmpReplay mock = new([new AmpMock { ToolUses = [use], Text = "done" }]);
        await AmpClient.RunAsync("go", mock.Of(options with { TranscriptPath = path, TranscriptContent = TranscriptContent.Hash }), Token);
        AmpReplay replay = await AmpReplay.FromFilesAsync([path], cancellationToken: Token);
        return again => AmpClient.RunAsync("go", replay.Of(again), Token);
    }

    // A run that calls the tool; what follows is given.
    private async Task<AmpReplay> RecordedAsync(string content, string lines)
    {
        string path = Path.Combine(_home.Root, "run.ndjson");
        await File.WriteAllTextAsync(
            path,
            $$$$"""
            {"amp_transcript":1,"run":"r","time":"2026-11-30T01:37:00.000Z","kind":"run","content":"{{{{content}}}}","prompt":"go"}
            {"run":"r","ms":10,"line":{"type":"system","subtype":"init","session_id":"{{{{Thread}}}}","tools":["mcp__sdk__add"],"mcp_servers":[]}}
            {"run":"r","ms":20,"line":{"type":"assistant","session_id":"{{{{Thread}}}}","message":{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"mcp__sdk__add","input":{"a":1}}],"stop_reason":"tool_use"}}}
            {{{{lines}}}}

            """,
            Token);
        AmpReplay replay = await AmpReplay.FromFilesAsync([path], cancellationToken: Token);
        replay.AllowDifference = true;
        return replay;
    }
}
