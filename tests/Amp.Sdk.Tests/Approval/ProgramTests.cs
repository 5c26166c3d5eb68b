using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Amp.Sdk.Tests.Support;
using Amp.Services;
using Amp.Testing;

namespace Amp.Sdk.Tests.Approval;

/// <summary>The programs that the CLI delegates to, each kind started as the CLI starts it.</summary>
public sealed class ProgramTests
{
    public static TheoryData<string> Kinds => ["bash", "node", "pwsh"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_yes_lets_the_call_through_and_the_question_is_whole(string kind)
    {
        ApprovalRequest? asked = null;
        await using ApprovalBench bench = new((request, _) =>
        {
            asked = request;
            return Task.FromResult(ApprovalDecision.Allow);
        });
        string text = string.Concat(Enumerable.Repeat("größer 🐢 \\\"'$(x)`\\n ", 20_000));
        (int code, string error) = await ApprovalBench.EndAsync(
            ApprovalBench.Start(bench.Program(kind), $$$"""{"cmd":"{{{text}}}","deep":{"er":[1,{"est":true}]}}""", "mcp__x__'y"));
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Equal(("mcp__x__'y", "toolu_1", "T-1", "/the/project"), (asked!.ToolName, asked.ToolUseId, asked.ThreadId, asked.WorkingDirectory));
        System.Collections.IDictionary input = Assert.IsAssignableFrom<System.Collections.IDictionary>(asked.Input);
        Assert.Equal(text.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal), input["CMD"]);
        Assert.True(Assert.Single(bench.Decisions).IsAllowed);
    }

    /// <summary>Scripts of npm and direnv put a folder of the project first.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_program_of_the_search_path_cannot_ask_another_question(string kind)
    {
        using CliFolder folder = new();
        folder.File("bin/cat", "#!/bin/sh\nprintf '%s' '{\"cmd\":\"ls\"}'\n");
        string asked = string.Empty;
        await using ApprovalBench bench = new((request, _) =>
        {
            asked = request.InputJson;
            return Task.FromResult(ApprovalDecision.Allow);
        });
        (int code, _) = await ApprovalBench.EndAsync(ApprovalBench.Start(
            bench.Program(kind), """{"cmd":"rm x"}""", path: $"{folder.PathOf("bin")}:{Environment.GetEnvironmentVariable("PATH")}"));
        Assert.Equal((0, """{"cmd":"rm x"}"""), (code, asked));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_no_carries_its_message(string kind)
    {
        await using ApprovalBench bench = new(ApprovalBench.Always(ApprovalDecision.Reject("Nimm ein anderes Wörk-Tool,\nbitte.")));
        (int code, string error) = await ApprovalBench.EndAsync(ApprovalBench.Start(bench.Program(kind)));
        Assert.Equal((2, "Tool execution rejected by user: Nimm ein anderes Wörk-Tool,\nbitte."), (code, error));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_session_that_is_not_there_is_a_no(string kind)
    {
        await using ApprovalBench bench = new(ApprovalBench.Always(ApprovalDecision.Allow));
        string program = bench.Program(kind);
        await bench.Channel.DisposeAsync();
        Assert.Equal(2, (await ApprovalBench.EndAsync(ApprovalBench.Start(program))).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_session_that_ends_meanwhile_is_a_no(string kind)
    {
        TaskCompletionSource asked = new();
        await using ApprovalBench bench = new(async (_, gone) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, gone);
            return ApprovalDecision.Allow;
        });
        Process process = ApprovalBench.Start(bench.Program(kind));
        await asked.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        await bench.Channel.DisposeAsync();
        Assert.Equal(2, (await ApprovalBench.EndAsync(process)).ExitCode);
        Assert.False(Assert.Single(bench.Decisions).IsAllowed);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Whoever_waits_at_the_port_instead_of_the_session_cannot_say_yes(string kind)
    {
        await using ApprovalBench bench = new(ApprovalBench.Always(ApprovalDecision.Allow));
        ApprovalKeys keys = ApprovalKeys.Create();
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        string program = bench.Program(kind, ((IPEndPoint)other.LocalEndpoint).Port, keys);
        foreach (string answer in (string[])["", "yes\n", "allow\n", "0\n", "\0\n", keys.Question + "\n", "x" + keys.Consent + "\n", "no", "no\n", new string('y', 100_000)])
        {
            Process process = ApprovalBench.Start(program);
            using (TcpClient client = await other.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
            {
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(answer), TestContext.Current.CancellationToken);
                client.Client.Shutdown(SocketShutdown.Send);
                Assert.Equal(2, (await ApprovalBench.EndAsync(process)).ExitCode);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_program_that_is_killed_takes_its_question_with_it(string kind)
    {
        TaskCompletionSource asked = new();
        TaskCompletionSource gone = new();
        await using ApprovalBench bench = new((_, token) =>
        {
            token.Register(gone.SetResult);
            asked.SetResult();
            return new TaskCompletionSource<ApprovalDecision>().Task;
        });
        using Process process = ApprovalBench.Start(bench.Program(kind));
        await asked.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        process.Kill();
        await gone.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        Assert.True(await Eventually.IsTrueAsync(() => bench.Decisions.Count == 1, FakeRun.HangLimit));
        Assert.Contains("ended before a decision", bench.Decisions[0].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_key_does_not_reach_it(string kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A process's variables are read in /proc.");
        TaskCompletionSource<ApprovalDecision> answer = new();
        TaskCompletionSource asked = new();
        await using ApprovalBench bench = new((_, _) =>
        {
            asked.SetResult();
            return answer.Task;
        });
        Process process = ApprovalBench.Start(bench.Program(kind));
        await asked.Task.WaitAsync(FakeRun.HangLimit, TestContext.Current.CancellationToken);
        string variables = await File.ReadAllTextAsync($"/proc/{process.Id}/environ", TestContext.Current.CancellationToken);
        string arguments = await File.ReadAllTextAsync($"/proc/{process.Id}/cmdline", TestContext.Current.CancellationToken);
        answer.SetResult(ApprovalDecision.Allow);
        Assert.Contains("AGENT_TOOL_NAME=Bash", variables, StringComparison.Ordinal);
        Assert.DoesNotContain(ApprovalBench.Canary, variables, StringComparison.Ordinal);
        Assert.DoesNotContain("AMP_API_KEY", variables, StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Channel.Keys.Question, variables + arguments, StringComparison.Ordinal);
        Assert.Equal(0, (await ApprovalBench.EndAsync(process)).ExitCode);
    }
}
