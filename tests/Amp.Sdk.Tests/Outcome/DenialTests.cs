using System.Text;
using System.Text.Json;
using Amp.Messages;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Outcome;

/// <summary>What each build answers to a call that is not allowed, as recorded of the real CLIs, is a denial; what a tool prints is none.</summary>
public sealed class DenialTests
{
    private const string NeedsApproval = "The following tools require user approval, which is not supported in stream JSON mode: Bash";
    private const string Success = """{"type":"result","subtype":"success","is_error":false,"result":"done","session_id":"T-1"}""";
    private const string Rules =
        """
        {"amp.permissions":[{"tool":"Bash","action":"reject","message":"use something else"},{"tool":"Bash","action":"delegate","to":"/home/ada/no-such"}]}
        """;

    /// <summary>Transcript, reason; null for none, where the call ran.</summary>
    public static TheoryData<string, string?> Rows => new()
    {
        { "2026-05-04/rejected", "Tool execution rejected by user: Rejected by user permissions rule 0: reject Bash" },
        { "2026-05-04/rejected-message", "use something else" },
        { "2026-05-04/approval-needed", NeedsApproval },
        { "2026-05-04/approval-default", NeedsApproval },
        { "2026-05-04/delegate-0", null },
        { "2026-05-04/delegate-1", NeedsApproval },
        { "2026-05-04/delegate-2-silent", "Tool execution rejected by user: Rejected by user permissions rule 0: delegate --to '/home/ada/d2q' '*'" },
        { "2026-05-04/delegate-missing", "spawn /home/ada/no-such ENOENT" },
        { "2026-05-04/tools-disable", "tool \"Bash\" is disabled: settings" },
        { "2026-05-04/guarded-file", "The following tools require user approval, which is not supported in stream JSON mode: create_file" },
        { "2026-05-04/tool-error", null },

        // Nothing tells what a program says from what a tool that failed says.
        { "2026-05-04/delegate-2", null },

        { "2026-09-23/rejected", "Tool rejected by plugin: Rejected by user permissions rule 0: reject shell_command" },
        { "2026-09-23/rejected-message", "Plugin error: use something else" },
        { "2026-09-23/approval-needed", "Tool rejected by plugin: Matches user permissions rule 0: ask shell_command" },
        { "2026-09-23/allow-all-false", "Tool rejected by plugin: Matches built-in permissions rule 29: ask shell_command --command '*git*push*'" },
        { "2026-09-23/delegate-0", null },
        { "2026-09-23/delegate-1", "Tool rejected by plugin: Matches user permissions rule 0: delegate --to '/home/ada/d1' '*'" },
        { "2026-09-23/delegate-2", "Plugin error: no way\n" },
        { "2026-09-23/delegate-2-silent", "Tool rejected by plugin: Rejected by user permissions rule 0: delegate --to '/home/ada/d2q' '*'" },
        { "2026-09-23/delegate-missing", "Plugin error: ENOENT: no such file or directory, posix_spawn '/home/ada/no-such'" },
        { "2026-09-23/tools-disable", "tool \"shell_command\" is disabled: settings" },
        { "2026-09-23/guarded-file", "Plugin error: Plugin UI is not available" },
        { "2026-09-23/tool-shell", null },
        { "2026-09-23/tool-error", null },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task What_a_build_answers_to_a_call_that_is_not_allowed_is_a_denial(string transcript, string? reason)
    {
        using SettingsRun run = new(Rules, new FakeCliScript().Read().Transcript(transcript));
        RunOutcome outcome = await run.Run.RunAsync();
        ResultMessage result = outcome.Result!;
        Assert.Null(outcome.Error);
        Assert.Equal(reason is null ? ResultOutcome.Succeeded : ResultOutcome.Denied, result.Outcome);
        ToolUseContent call = outcome.Messages.OfType<AssistantMessage>().SelectMany(message => message.Content).OfType<ToolUseContent>().Single();
        Assert.Equal(
            reason is null ? [] : [(call.Name!, reason, call.Id)],
            result.Denials.Select(denial => (denial.Tool, denial.Reason, denial.ToolUseId)));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_denial_of_any_build_is_an_error_where_it_is_to_be_one(string transcript, string? reason)
    {
        using SettingsRun run = new(Rules, new FakeCliScript().Read().Transcript(transcript));
        run.Options = run.Options with { FailOnDenial = true };
        RunOutcome outcome = await run.Run.RunAsync();

        // An error result is no exception here: the caller has it as the last message.
        bool endsByItself = outcome.Result is ErrorResultMessage;
        if (reason is null || endsByItself)
        {
            Assert.Null(outcome.Error);
        }
        else
        {
            AmpAgentException error = outcome.Failed<AmpAgentException>(AmpErrorId.AgentError);
            Assert.Equal(reason, Assert.Single(error.Result.Denials).Reason);
        }
    }

    [Theory]
    [InlineData("Tool rejected by plugin: Rejected by user permissions rule 0: reject shell_command", false)]
    [InlineData("Plugin error: use something else", true)]
    [InlineData("Tool execution rejected by user: no", true)]
    [InlineData("tool \"shell_command\" is disabled: settings", true)]
    public void What_a_shell_command_prints_is_no_denial(string printed, bool isError)
    {
        string result = JsonSerializer.Serialize(new { output = printed + "\n", exitCode = isError ? 1 : 0 });
        ResultMessage run = RunLines.Of(RunLines.Tool("1", "shell_command"), RunLines.ToolResult("1", result, isError), RunLines.Text("all"), Success);
        Assert.Empty(run.Denials);
        Assert.Equal(ResultOutcome.Succeeded, run.Outcome);
    }

    [Theory]
    [InlineData("Plugin error: use something else", false)]
    [InlineData("He said: Tool rejected by plugin: no", false)]
    [InlineData("tool \"Read\" is disabled: settings", true)]
    [InlineData("tool \"shell_command\" is disabled: settings", false)]
    [InlineData("Tool execution rejected by user", false)]
    [InlineData("spawn /home/ada/no-such ENOENT", true)]
    public void Words_of_a_denial_in_another_place_are_none(string text, bool isError)
    {
        ResultMessage run = RunLines.Of(RunLines.Tool("1", "shell_command"), RunLines.ToolResult("1", text, isError), RunLines.Text("all"), Success);
        Assert.Empty(run.Denials);
    }

    [Fact]
    public void Each_denied_call_is_told_with_its_ID()
    {
        const string Said = "Tool rejected by plugin: Matches user permissions rule 1: ask create_file";
        ResultMessage run = RunLines.Of(
            RunLines.Tool("a", "create_file"), RunLines.Tool("b", "Read"), RunLines.Tool("c", "create_file"),
            RunLines.ToolResult("c", Said), RunLines.ToolResult("b", "ok"), RunLines.ToolResult("a", Said), RunLines.Text("all"), Success);
        Assert.Equal([("create_file", "c"), ("create_file", "a")], run.Denials.Select(denial => (denial.Tool, denial.ToolUseId)));
    }

    [Fact]
    public void Of_a_run_that_ends_at_a_call_only_the_calls_that_it_names_are_denied()
    {
        ResultMessage run = RunLines.Of(
            RunLines.Tool("a", "Bash"), RunLines.ToolResult("a", "ok"), RunLines.Tool("b", "Bash"), RunLines.Tool("c", "Read"),
            $$"""{"type":"result","subtype":"error_during_execution","is_error":true,"error":"{{NeedsApproval}}"}""");
        Assert.Equal(["b"], run.Denials.Select(denial => denial.ToolUseId));
        Assert.Equal(ResultOutcome.Denied, run.Outcome);
    }

    [Fact]
    public void A_result_that_is_no_denial_costs_no_text()
    {
        byte[] line = Encoding.UTF8.GetBytes(RunLines.ToolResult("1", new string('x', 50_000)));
        MessageParser parser = new();
        parser.Parse(line);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            parser.Parse(line);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, line.Length, line.Length + 400);
    }

    [Theory]
    [InlineData("text", null)]
    [InlineData("2026-05-04/text", "smart")]
    [InlineData("2026-09-23/text", "medium")]
    public void The_mode_of_the_agent_stands_in_the_first_message(string transcript, string? mode) =>
        Assert.Equal(mode, Transcripts.Messages(transcript).OfType<SystemMessage>().First().AgentMode);
}
