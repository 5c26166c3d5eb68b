using System.Text;
using Amp.Messages;
using Amp.Records;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Messages;

public sealed class ResultKindTests
{
    [Theory]
    [InlineData("""{"type":"result","subtype":"error_during_execution","is_error":true,"error":"boom"}""", "boom")]
    [InlineData("""{"type":"result","subtype":"error_max_turns","error":"too many"}""", "too many")]
    [InlineData("""{"type":"result","subtype":"success","is_error":true,"result":"API Error"}""", "API Error")]
    [InlineData("""{"type":"result","subtype":"success","is_error":"true","error":"boom"}""", "boom")]
    [InlineData("""{"type":"result","subtype":"success","is_error":"True","error":"boom"}""", "boom")]
    [InlineData("""{"is_error":true,"error":{"code":5},"type":"result"}""", "The run failed, and the CLI did not report a reason.")]
    [InlineData("""{"type":"result","subtype":"success","is_error":true}""", "The run failed, and the CLI did not report a reason.")]
    [InlineData("""{"type":"result","subtype":"success","is_error":true,"error":"","result":""}""", "The run failed, and the CLI did not report a reason.")]
    [InlineData("""{"type":"result","subtype":"success","is_error":true,"error":{"message":"no credit"}}""", "no credit")]
    [InlineData("""{"type":"result","subtype":"success","is_error":true,"errors":["no credit","try later"]}""", "no credit\ntry later")]
    [InlineData("""{"type":"result","subtype":"success","is_error":true,"errors":[{"message":"no credit"}],"result":"half"}""", "no credit")]
    [InlineData("""{"type":"result","subtype":"error_x"}""", "error_x")]
    [InlineData("""{"type":"system","subtype":"error_during_execution","error":"boom","cwd":"/p"}""", "boom")]
    public void A_failed_run_is_an_error_result(string line, string error)
    {
        ErrorResultMessage message = Parsed.Line<ErrorResultMessage>(line);
        Assert.Equal(error, message.Error);
        Assert.True(message.IsError);
    }

    [Theory]
    [InlineData("""{"type":"result","subtype":"success","is_error":false,"result":"ok"}""")]
    [InlineData("""{"type":"result","subtype":"success","result":"ok"}""")]
    [InlineData("""{"type":"result","is_error":null,"result":"ok"}""")]
    [InlineData("""{"type":"result","is_error":"false","result":"ok"}""")]
    [InlineData("""{"type":"result","result":"ok"}""")]
    public void A_run_without_a_word_of_failure_is_a_success(string line)
    {
        ResultMessage message = Parsed.Line<ResultMessage>(line);
        Assert.False(message.IsError);
        Assert.Equal("ok", message.Result);
    }

    [Fact]
    public void A_system_message_about_a_failure_keeps_its_own_fields()
    {
        ErrorResultMessage message = Parsed.Line<ErrorResultMessage>(
            """{"type":"system","subtype":"error_max_turns","cwd":"/p","session_id":"T-1"}""");
        Assert.Equal(("system", "T-1"), (message.Type, message.SessionId));
        Assert.Equal("/p", message.AdditionalProperties["cwd"]);
    }

    [Fact]
    public void A_contradiction_about_the_failure_is_kept()
    {
        ErrorResultMessage message = Parsed.Line<ErrorResultMessage>(
            """{"type":"result","subtype":"error_during_execution","is_error":false,"error":"boom"}""");
        Assert.Equal(false, message.AdditionalProperties["is_error"]);
    }

    [Fact]
    public void Denied_tools_are_plain_objects()
    {
        ResultMessage message = Parsed.Line<ResultMessage>(
            """{"type":"result","permission_denials":[{"tool_name":"Bash","tool_input":{"cmd":"rm x"}},"odd"]}""");
        Assert.Equal("rm x", Value.At(message.PermissionDenials[0], "tool_input", "cmd"));
        Assert.Equal("odd", message.PermissionDenials[1]);
    }

    [Theory]
    [InlineData("error_max_turns", AmpErrorId.MaxTurnsReached)]
    [InlineData("error_during_execution", AmpErrorId.AgentError)]
    public void The_exception_of_an_error_result_names_its_kind(string subtype, string errorId)
    {
        AmpAgentException exception = new(Parsed.Line<ErrorResultMessage>(
            $$"""{"type":"result","subtype":"{{subtype}}","error":"boom","session_id":"T-1"}"""));
        Assert.Equal((errorId, "boom", "T-1"), (exception.ErrorId, exception.Message, exception.ThreadId));
        Assert.Equal("boom", exception.Result.ToString());
    }

    // March's CLI was seen to leave out the results of calls that end after others: such a run must not look like one without denials.
    [Theory]
    [InlineData(false, "t1", ResultOutcome.Denied)]
    [InlineData(true, "t1", ResultOutcome.Succeeded)]
    [InlineData(false, "t2", ResultOutcome.Succeeded)]
    public void A_call_that_the_caller_rejected_is_denied_even_if_its_result_is_left_out(bool isAllowed, string unanswered, ResultOutcome outcome)
    {
        ToolApproval approval = new()
        {
            ToolName = "Bash", ToolUseId = "t1", ThreadId = "T-1", Input = "{}", IsAllowed = isAllowed, Reason = "no", AskedAt = default, Duration = default,
        };
        MessageParser parser = new(account: new RecordedAccount { Facts = new ResultFacts { Approvals = [approval] } });
        StreamMessage[] messages =
        [
            .. new[]
            {
                $$"""{"type":"assistant","message":{"content":[{"type":"tool_use","id":"{{unanswered}}","name":"Bash","input":{} }] } }""",
                """{"type":"assistant","message":{"content":[{"type":"text","text":"done"}]}}""",
                """{"type":"result","subtype":"success","is_error":false,"result":"done"}""",
            }.Select(line => parser.Parse(Encoding.UTF8.GetBytes(line))),
        ];
        ResultMessage result = Assert.IsType<ResultMessage>(messages[^1]);
        Assert.Equal(outcome, result.Outcome);
        Assert.Equal(outcome == ResultOutcome.Denied ? [("Bash", "no", "t1")] : [], result.Denials.Select(denial => (denial.Tool, denial.Reason, denial.ToolUseId)));
    }
}
