using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Approval;

public sealed class ChannelTests
{
    [Fact]
    public async Task Without_the_token_nobody_is_asked_and_nothing_is_answered()
    {
        bool asked = false;
        await using ApprovalBench bench = new((_, _) =>
        {
            asked = true;
            return Task.FromResult(ApprovalDecision.Allow);
        });
        string token = bench.Channel.Keys.Question;
        string[][] questions =
        [
            ["", "Bash", "toolu_1", "T-1", "{}"],
            ["wrong", "Bash", "toolu_1", "T-1", "{}"],
            [new string('0', token.Length), "Bash", "toolu_1", "T-1", "{}"],
            [token[..^1], "Bash", "toolu_1", "T-1", "{}"],
            [token + "0", "Bash", "toolu_1", "T-1", "{}"],
            [bench.Channel.Keys.Consent, "Bash", "toolu_1", "T-1", "{}"],
            ["GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"],
            [new string('x', 10_000_000)],
            [token, new string('x', 1_000_000), "toolu_1", "T-1", "{}"],
        ];
        foreach (string[] question in questions)
        {
            Assert.Equal(string.Empty, await bench.SendAsync(question));
        }

        Assert.False(asked);
        Assert.Empty(bench.Decisions);
        Assert.Equal(bench.Channel.Keys.Consent + "\n", await bench.SendAsync(token, "Bash", "toolu_1", "T-1", "{}"));
    }

    [Fact]
    public async Task Many_connections_that_say_nothing_keep_nobody_from_asking()
    {
        await using ApprovalBench bench = new(ApprovalBench.Always(ApprovalDecision.Allow));
        List<System.Net.Sockets.TcpClient> silent = await bench.ConnectAsync(400);
        try
        {
            Assert.NotEmpty(await bench.SendAsync(bench.Channel.Keys.Question, "Bash", "", "", "{}"));
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Programs_that_are_slow_to_say_their_first_word_are_all_answered()
    {
        await using ApprovalBench bench = new(ApprovalBench.Always(ApprovalDecision.Allow));
        List<System.Net.Sockets.TcpClient> programs = await bench.ConnectAsync(200);
        try
        {
            // The last to connect has been heard, so all the others have been taken in.
            Assert.NotEmpty(await bench.SendAsync(bench.Channel.Keys.Question, "Bash", "", "", "{}"));
            foreach (System.Net.Sockets.TcpClient program in programs)
            {
                Assert.NotEmpty(await ApprovalBench.AskAsync(program, bench.Channel.Keys.Question, "Bash", "", "", "{}"));
            }
        }
        finally
        {
            programs.ForEach(program => program.Dispose());
        }
    }

    [Fact]
    public async Task A_connection_that_the_system_refuses_to_hand_over_is_answered_when_it_does()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The socket is found in /proc.");
        await using ApprovalBench bench = new(ApprovalBench.Always(ApprovalDecision.Allow));
        Task<string> answer;
        using (new BrokenListener(bench.Channel.Port))
        {
            answer = bench.SendAsync(bench.Channel.Keys.Question, "Bash", "toolu_1", "T-1", "{}");
            Assert.NotSame(answer, await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken)));
        }

        Assert.Equal(bench.Channel.Keys.Consent + "\n", await answer);
        Assert.True(Assert.Single(bench.Decisions).IsAllowed);
    }

    [Theory]
    [InlineData("throws", "The approval failed: no such luck")]
    [InlineData("throws at once", "The approval failed: no such luck")]
    [InlineData("cancels", "The approval failed: ")]
    [InlineData("null", "The approval returned no decision.")]
    [InlineData("null task", "The approval failed: ")]
    [InlineData("never", "No decision was made within 0.2 s.")]
    [InlineData("blocks", "No decision was made within 0.2 s.")]
    public async Task All_but_a_clear_yes_is_a_no(string kind, string reason)
    {
        using ManualResetEventSlim released = new();
        await using ApprovalBench bench = new(
            (_, _) => kind switch
            {
                "throws" => Task.FromException<ApprovalDecision>(new InvalidOperationException("no such luck")),
                "throws at once" => throw new InvalidOperationException("no such luck"),
                "cancels" => Task.FromCanceled<ApprovalDecision>(new CancellationToken(canceled: true)),
                "null" => Task.FromResult<ApprovalDecision>(null!),
                "null task" => null!,
                "blocks" => Task.FromResult(released.Wait(FakeRun.HangLimit, CancellationToken.None) ? ApprovalDecision.Allow : null!),
                _ => new TaskCompletionSource<ApprovalDecision>().Task,
            },
            kind is "never" or "blocks" ? TimeSpan.FromMilliseconds(200) : null);
        string answer = await bench.SendAsync(bench.Channel.Keys.Question, "Bash", "toolu_1", "T-1", "{}");
        released.Set();
        Assert.Equal("no\nTool execution rejected by user: the caller does not allow this call.", answer);
        ToolApproval decision = Assert.Single(bench.Decisions);
        Assert.False(decision.IsAllowed);
        Assert.StartsWith(reason, decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_loses_what_steers_a_terminal()
    {
        await using ApprovalBench bench = new(ApprovalBench.Always(ApprovalDecision.Reject("\u001b[31mred\u001b[0m")));
        Assert.Equal(
            "no\nTool execution rejected by user: red", await bench.SendAsync(bench.Channel.Keys.Question, "Bash", "", "", "{}"));
    }
}
