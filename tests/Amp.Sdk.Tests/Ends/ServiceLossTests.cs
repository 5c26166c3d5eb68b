using System.Net;
using System.Net.Sockets;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ends;

/// <summary>A CLI that waits for its service in vain is ended, and only such a one.</summary>
public sealed class ServiceLossTests
{
    private const string Loss = "Error: Cannot reach Amp servers. Are you offline?";
    private const string Native = "0.0.1790142911-g7618fb (released 2026-09-23T09:15:11.000Z, 2mo ago)";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(2);

    // For what the CLI has to say within the limit, also on a busy machine.
    private static readonly TimeSpan s_longLimit = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task A_CLI_that_has_lost_its_service_is_ended_with_all_that_it_started()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().SpawnChild().Error(Loss).Sleep(500).Error(Loss).Hang());
        run.Options = run.Options with { ServiceLossTimeout = s_limit, CancellationGracePeriod = FakeRun.HangLimit };
        RunOutcome outcome = await run.RunAsync();
        AmpProcessException error = outcome.Failed<AmpProcessException>(AmpErrorId.ServiceUnreachable);
        Assert.Contains(Loss, error.StandardError, StringComparison.Ordinal);
        Assert.Equal(outcome.Messages[0].SessionId, error.ThreadId);
        Assert.Equal(ResultOutcome.Failed, outcome.Result!.Outcome);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task A_message_behind_the_loss_tells_that_it_goes_on()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Read().Init().Error(Loss).Sleep(500).Assistant("back").Sleep(7000).Result("done").Exit(0));
        run.Options = run.Options with { ServiceLossTimeout = s_longLimit };
        (await run.RunAsync()).Succeeded("done");
    }

    // The pauses make sure that the message and the report are read in the order in which they are written.
    [Theory]
    [InlineData(false, AmpErrorId.ServiceUnreachable)]
    [InlineData(true, AmpErrorId.CliFailed)]
    public async Task A_loss_that_was_over_is_not_the_cause_of_a_later_end(bool isOver, string errorId)
    {
        FakeCliScript script = new FakeCliScript().Read().Init().Assistant("x").Sleep(3000).Error(Loss);
        using FakeRun run = new(isOver ? script.Sleep(7000).Assistant("back").Exit(0) : script.Exit(0));
        run.Options = run.Options with { ServiceLossTimeout = TimeSpan.Zero, RetryLimit = isOver ? 1 : 0 };
        RunOutcome outcome = await run.RunAsync();
        outcome.Failed<AmpProcessException>(errorId);
        Assert.DoesNotContain(outcome.Events, item => item.Kind == AmpEventKind.Retry);
    }

    [Fact]
    public async Task Silence_alone_is_no_loss()
    {
        using FakeRun run = new(new FakeCliScript().Read().Init().Error("Something else").Sleep(3000).Assistant("x").Result("done").Exit(0));
        run.Options = run.Options with { ServiceLossTimeout = s_limit };
        (await run.RunAsync()).Succeeded("done");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_a_tool_is_at_work_only_a_second_word_tells_that_the_service_is_still_gone(bool isSaidAgain)
    {
        FakeCliScript script = new FakeCliScript().EndPolitely().Init().Out(Call("shell_command")).Error(Loss).Sleep(1500);

        // Three times as the CLI goes on trying: a first word may be read before the message in front of it, which then counts as newer.
        script = isSaidAgain ? script.Error(Loss).Sleep(1500).Error(Loss).Hang() : script.Sleep(3000).Result("done").Exit(0);
        using FakeRun run = new(script);
        run.Options = run.Options with { ServiceLossTimeout = s_limit };
        RunOutcome outcome = await run.RunAsync();
        Assert.Equal(isSaidAgain ? AmpErrorId.ServiceUnreachable : null, (outcome.Error as AmpException)?.ErrorId);
    }

    [Theory]
    [InlineData(Native, true, AmpErrorId.ServiceUnreachable)]
    [InlineData(Native, false, null)]
    [InlineData("0.0.1777897475-g2324e1 (released 2026-05-04T12:24:35.000Z, 6mo ago)", true, null)]
    public async Task A_CLI_that_says_nothing_of_its_loss_is_ended_where_its_service_takes_no_connection(string version, bool isGone, string? errorId)
    {
        using TcpListener service = new(IPAddress.Loopback, 0);
        service.Start();
        using FakeRun run = new(new FakeCliScript().Version(version));
        FakeCliScript script = new FakeCliScript().Read().EndPolitely().Init().Out(Call("shell_command")).Mark(run.Mark("working"));
        run.Follow(errorId is null ? script.Sleep(8000).Assistant("x").Result("done").Exit(0) : script.Hang());
        run.Set(("AMP_URL", $"http://{service.LocalEndpoint}/"), ("HTTPS_PROXY", "http://127.0.0.1:1/"));
        run.Options = run.Options with { ServiceLossTimeout = s_limit, CancellationGracePeriod = FakeRun.HangLimit };
        Task<RunOutcome> running = run.RunAsync();
        await run.MarkIsSetAsync("working");
        if (isGone)
        {
            service.Stop();
        }

        RunOutcome outcome = await running;
        Assert.Equal(errorId, (outcome.Error as AmpException)?.ErrorId);
        Assert.Equal(errorId is null ? ResultOutcome.Succeeded : ResultOutcome.Failed, outcome.Result!.Outcome);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task Without_a_limit_the_others_hold()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Error(Loss).Hang());
        run.Options = run.Options with { ServiceLossTimeout = TimeSpan.Zero, Timeout = TimeSpan.FromSeconds(4) };
        (await run.RunAsync()).Failed<AmpTimeoutException>(AmpErrorId.Timeout);
    }

    [Fact]
    public async Task A_turn_of_a_session_is_ended_too()
    {
        using FakeRun run = new(new FakeCliScript().EndPolitely().Init().Turn().ReadUntil("work").Error(Loss).Hang());
        await using AmpSession session = await AmpSession.OpenAsync(
            run.Options with { ServiceLossTimeout = s_limit }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Echo: one", await session.AnswerAsync("one"));
        AmpException error = await Assert.ThrowsAnyAsync<AmpException>(() => session.AnswerAsync("work"));
        Assert.Equal(AmpErrorId.ServiceUnreachable, error.ErrorId);
        run.NothingIsLeft();
    }

    [Fact]
    public async Task Between_two_turns_of_a_session_the_time_does_not_count()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init().Turn().Error(Loss).Mark(run.Mark("lost")).Turns());
        await using AmpSession session = await AmpSession.OpenAsync(
            run.Options with { ServiceLossTimeout = s_longLimit }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("Echo: one", await session.AnswerAsync("one"));
        await run.MarkIsSetAsync("lost");
        await Task.Delay(s_longLimit + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal("Echo: two", await session.AnswerAsync("two"));
    }

    [Theory]
    [InlineData("create_file")]
    [InlineData("apply_patch")]
    public async Task A_question_about_a_guarded_file_that_nobody_answers_ends_the_run(string tool)
    {
        using FakeRun run = new(new FakeCliScript().Version(Native).EndPolitely().Init().Out(Call(tool)).Hang());
        run.Options = run.Options with { ServiceLossTimeout = s_limit, CancellationGracePeriod = FakeRun.HangLimit };
        RunOutcome outcome = await run.RunAsync();
        AmpTimeoutException error = outcome.Failed<AmpTimeoutException>(AmpErrorId.IdleTimeout);
        Assert.Contains("guarded file", error.Message, StringComparison.Ordinal);
        Assert.Equal(ResultOutcome.Denied, outcome.Result!.Outcome);
    }

    [Theory]
    [InlineData("shell_command", Native, false)]
    [InlineData("create_file", Native, true)]
    [InlineData("create_file", "0.0.1777897475-g2324e1 (released 2026-05-04T12:24:35.000Z, 6mo ago)", false)]
    public async Task Where_no_such_question_can_be_under_way_a_silent_tool_has_its_time(string tool, string version, bool allowAll)
    {
        using FakeRun run = new(new FakeCliScript().Version(version).Read().Init().Out(Call(tool)).Sleep(4000).Assistant("x").Result("done").Exit(0));
        run.Options = run.Options with { ServiceLossTimeout = s_limit, DangerouslyAllowAll = allowAll };
        (await run.RunAsync()).Succeeded("done");
    }

    private static string Call(string tool) => Outcome.RunLines.Tool("1", tool);
}
