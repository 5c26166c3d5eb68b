using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

public sealed class StandardErrorTests
{
    [Fact]
    public async Task A_flood_on_stderr_between_two_messages_stops_nothing()
    {
        using FakeRun run = new(new FakeCliScript().Init().ErrorFill(5 * 1024 * 1024).Assistant("hi").ErrorFill(1024 * 1024).Result("done"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal(["system", "assistant", "result"], outcome.Messages.Select(message => message.Type));
    }

    [Fact]
    public async Task Of_200_MB_on_stderr_only_the_end_is_kept()
    {
        using FakeRun run = new(new FakeCliScript().Init().ErrorFill(200L * 1024 * 1024).ErrorRaw("\nthe end\n").Exit(3));
        RunOutcome outcome = await run.RunAsync();

        AmpProcessException error = outcome.Failed<AmpProcessException>(AmpErrorId.CliFailed);
        Assert.True(error.StandardErrorTruncated);
        Assert.EndsWith("the end", error.StandardError, StringComparison.Ordinal);
        Assert.InRange(error.StandardError.Length, 1, 64 * 1024);
        Assert.InRange(outcome.Texts(AmpEventKind.StandardError).Sum(text => text.Length), 1, 64 * 1024);
        Assert.InRange(error.Message.Length, 1, 2000);
    }

    [Fact]
    public async Task What_is_kept_of_stderr_begins_with_a_whole_line()
    {
        const string Secret = "canary-secret-4711";
        using FakeRun run = new(new FakeCliScript().Repeat(5000, step => step.Error($"line with {Secret} in it")).Exit(3));
        run.Set(("AMP_API_KEY", Secret));
        RunOutcome outcome = await run.RunAsync();
        AmpProcessException error = outcome.Failed<AmpProcessException>(AmpErrorId.CliFailed);
        Assert.True(error.StandardErrorTruncated);
        Assert.All(error.StandardError.Split('\n'), line => Assert.Equal("line with *** in it", line));
    }

    // What is kept begins in the first secret. The second one is whole, wherever the beginning is left out.
    [Theory]
    [InlineData(0, "")]
    [InlineData(4 * 1024, "")]
    [InlineData(12 * 1024, "")]
    [InlineData(20_000, "\n")]
    public async Task What_is_kept_of_one_long_line_does_not_begin_with_the_end_of_a_secret(int before, string end)
    {
        const string Secret = "canary-secret-4711";
        using FakeRun run = new(new FakeCliScript().ErrorRaw(Secret).ErrorFill(before).ErrorRaw(Secret + end).ErrorFill((64 * 1024) - 6 - before - (before == 0 ? 0 : 18) - end.Length).Exit(3));
        run.Set(("AMP_API_KEY", Secret));
        AmpProcessException error = (await run.RunAsync()).Failed<AmpProcessException>(AmpErrorId.CliFailed);
        Assert.True(error.StandardErrorTruncated);
        Assert.NotEmpty(error.StandardError);
        Assert.Empty(error.StandardError.Trim('x', '*'));
    }

    [Fact]
    public async Task Lines_of_stderr_are_events_without_control_sequences()
    {
        using FakeRun run = new(new FakeCliScript()
            .Init().ErrorRaw("\u001b[31mred\u001b[0m\r\n\u001b]0;title\u0007two\u001b[=0u\u001b[<u\u001b[?25h\n\nlast").Exit(3));
        RunOutcome outcome = await run.RunAsync();
        Assert.Equal(["red", "two", "last"], outcome.Texts(AmpEventKind.StandardError));
        Assert.Equal("red\ntwo\n\nlast", outcome.Failed<AmpProcessException>(AmpErrorId.CliFailed).StandardError);
    }

    [Fact]
    public async Task A_line_of_stderr_that_comes_in_pieces_is_one_event()
    {
        using FakeRun run = new(new FakeCliScript()
            .Init().ErrorRaw("one ").Sleep(60).ErrorRaw("\u001b[3").Sleep(60).ErrorRaw("1mline\nnext").Sleep(60).Result("done"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal(["one line", "next"], outcome.Texts(AmpEventKind.StandardError));
    }

    [Fact]
    public async Task A_secret_that_comes_in_pieces_is_not_shown()
    {
        using FakeRun run = new(new FakeCliScript()
            .Init().ErrorRaw("key canary-sec").Sleep(80).ErrorRaw("ret-4711 used\n").Raw("key canary-sec").Sleep(80).Raw("ret-4711 used\n").Exit(3));
        run.Set(("MY_SECRET", "canary-secret-4711"));
        RunOutcome outcome = await run.RunAsync();
        Assert.Equal(["key *** used"], outcome.Texts(AmpEventKind.StandardError));
        Assert.Equal(["key *** used"], outcome.Texts(AmpEventKind.OutputText));
        Assert.DoesNotContain("canary", outcome.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_at_the_point_where_a_long_line_is_cut_is_not_shown()
    {
        using FakeRun run = new(new FakeCliScript()
            .Init().ErrorFill((16 * 1024) - 5).ErrorRaw("canary-secret-4711").ErrorFill(100_000).ErrorRaw("\n").Result("done"));
        run.Set(("MY_SECRET", "canary-secret-4711"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.EndsWith("xx***xx…", Assert.Single(outcome.Texts(AmpEventKind.StandardError)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_on_stderr_are_no_failure()
    {
        using FakeRun run = new(new FakeCliScript().Error("Error: unknown option, 401 Unauthorized").Init().Result("done"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal(["Error: unknown option, 401 Unauthorized"], outcome.Texts(AmpEventKind.StandardError));
    }

    [Fact]
    public async Task A_consumer_that_does_not_read_does_not_keep_the_CLI_from_writing_errors()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript()
            .Init().Repeat(2000, step => step.Error("an error")).ErrorFill(1024 * 1024).Mark(run.Mark("written")).Result("done"));
        await foreach (StreamMessage message in run.ExecuteAsync())
        {
            await run.MarkIsSetAsync("written");
        }
    }
}
