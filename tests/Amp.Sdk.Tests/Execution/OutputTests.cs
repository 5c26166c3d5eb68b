using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Execution;

public sealed class OutputTests
{
    [Theory]
    [InlineData("\u001b]0;amp\a")]
    [InlineData("\u001b]0;amp\u001b\\")]
    [InlineData("\u001b[?25l\u001b[0m \b\r")]
    [InlineData("\u001bP1$r\u001b\\\u001b(B\u001b=")]
    public async Task Control_sequences_before_a_message_lose_nothing(string controls)
    {
        using FakeRun run = new(new FakeCliScript().Raw(controls).Init().Raw(controls).Assistant("one").Raw(controls + "text\n").Raw(controls).Result("done"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal(["system", "assistant", "result"], outcome.Messages.Select(message => message.Type));
        Assert.Equal(["text"], outcome.Texts(AmpEventKind.OutputText).Select(text => text.Trim()));
    }

    [Fact]
    public async Task Messages_come_in_the_order_in_which_they_were_written()
    {
        using FakeRun run = new(new FakeCliScript().Read().Transcript("tool-bash"));
        RunOutcome outcome = await run.RunAsync();
        Assert.Null(outcome.Error);
        Assert.Equal(Transcripts.Lines("tool-bash"), outcome.Messages.Select(message => message.RawJson));
    }

    [Fact]
    public async Task Ten_thousand_messages_all_come_in_order()
    {
        string file = Path.GetTempFileName();
        try
        {
            string[] lines = [.. Enumerable.Range(0, 10_000).Select(i => FakeMessages.Assistant($"n{i}", "T-1")), FakeMessages.Result("done", 1, "T-1")];
            await File.WriteAllLinesAsync(file, lines, TestContext.Current.CancellationToken);
            using FakeRun run = new(new FakeCliScript().File(file));
            RunOutcome outcome = await run.RunAsync();
            outcome.Succeeded("done");
            Assert.Equal(Enumerable.Range(0, 10_000).Select(i => $"n{i}"), outcome.Messages.OfType<AssistantMessage>().Select(message => message.Text));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_message_comes_the_moment_its_line_is_complete()
    {
        using FakeRun run = new();
        run.Follow(new FakeCliScript().Init().WaitFor(run.Mark("seen")).Result("done"));

        List<string> types = [];
        await foreach (StreamMessage message in run.ExecuteAsync())
        {
            types.Add(message.Type);
            await File.WriteAllTextAsync(run.Mark("seen"), "", TestContext.Current.CancellationToken);
        }

        Assert.Equal(["system", "result"], types);
    }

    [Fact]
    public async Task Text_among_the_messages_is_passed_on_at_its_place()
    {
        using FakeRun run = new(new FakeCliScript()
            .Raw("npm warn \u001b[33mold\u001b[0m\n\n \t \n").Init().Raw("debug: {\"a\":1}\r\n[1,2]\nnull\n").Result("done").Raw("bye"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal("OutputText system OutputText OutputText OutputText result OutputText", outcome.Kinds);
        Assert.Equal(["npm warn old", "debug: {\"a\":1}", "[1,2]", "null", "bye"], outcome.Texts(AmpEventKind.OutputText));
    }

    [Fact]
    public async Task Text_among_the_messages_is_no_message()
    {
        using FakeRun run = new(new FakeCliScript().Raw("hello\n").Init().Raw("more\n").Result("done"));
        List<StreamMessage> messages = [];
        await foreach (StreamMessage message in run.ExecuteAsync())
        {
            messages.Add(message);
        }

        Assert.Equal(2, messages.Count);
    }

    [Fact]
    public async Task A_broken_line_is_reported_at_its_place_and_the_stream_goes_on()
    {
        using FakeRun run = new(new FakeCliScript().Init().Raw("{\"type\":\"assistant\",oops}\n").Result("done"));
        RunOutcome outcome = await run.RunAsync();
        Assert.Null(outcome.Error);
        Assert.Equal("system InvalidLine result", outcome.Kinds);
        AmpJsonException error = Assert.Single(outcome.Events, item => item.Kind == AmpEventKind.InvalidLine).Error!;
        Assert.Equal((AmpErrorId.InvalidStreamJson, "{\"type\":\"assistant\",oops}"), (error.ErrorId, error.RawLine));
        Assert.Equal(outcome.Result!.SessionId, error.ThreadId);
    }

    [Fact]
    public async Task A_broken_line_is_an_exception_after_all_messages_were_given()
    {
        using FakeRun run = new(new FakeCliScript().Init().Raw("{broken\n").Raw("{again\n").Result("done"));
        List<string> types = [];
        AmpJsonException error = await Assert.ThrowsAsync<AmpJsonException>(async () =>
        {
            await foreach (StreamMessage message in run.ExecuteAsync())
            {
                types.Add(message.Type);
            }
        });
        Assert.Equal(["system", "result"], types);
        Assert.Equal("{broken", error.RawLine);
    }

    [Fact]
    public async Task A_line_that_nests_too_deep_is_a_broken_line()
    {
        string line = "{\"type\":\"x\",\"deep\":" + new string('[', 600) + new string(']', 600) + "}";
        using FakeRun run = new(new FakeCliScript().Init().Raw(line + "\n").Result("done"));
        RunOutcome outcome = await run.RunAsync();
        Assert.Equal("system InvalidLine result", outcome.Kinds);
        Assert.Equal(line, Assert.Single(outcome.Events, item => item.Kind == AmpEventKind.InvalidLine).Error!.RawLine);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_in_a_field_name_does_not_stop_the_run()
    {
        using FakeRun run = new(new FakeCliScript().Init().Raw("{\"\\ud800\":1,\"type\":\"user\"}\n").Result("done"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal("system user result", outcome.Kinds);
    }

    [Fact]
    public async Task A_whole_last_line_needs_no_line_end()
    {
        using FakeRun run = new(new FakeCliScript().Init().Raw(FakeMessages.Result("done", 1, "T-1")));
        (await run.RunAsync()).Succeeded("done");
    }

    [Fact]
    public async Task A_byte_order_mark_at_the_start_is_no_part_of_the_first_message()
    {
        using FakeRun run = new(new FakeCliScript().Bytes(0xEF, 0xBB, 0xBF).Init().Result("done"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.StartsWith("{", outcome.Messages[0].RawJson, StringComparison.Ordinal);
        Assert.Equal("system result", outcome.Kinds);
    }

    [Fact]
    public async Task A_character_may_come_in_two_pieces()
    {
        string line = FakeMessages.Result("€", 1, "T-1");
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(line + "\n");
        int inside = Array.IndexOf(bytes, (byte)0xE2) + 1;
        using FakeRun run = new(new FakeCliScript().Bytes(bytes[..inside]).Sleep(50).Bytes(bytes[inside..]));
        (await run.RunAsync()).Succeeded("€");
    }

    [Fact]
    public async Task A_line_of_20_MB_is_one_message()
    {
        using FakeRun run = new(new FakeCliScript().Init().Line(20_000_000).Result("done"));
        RunOutcome outcome = await run.RunAsync();
        outcome.Succeeded("done");
        Assert.Equal(20_000_000, outcome.Messages.OfType<AssistantMessage>().Single().Text.Length);
    }

    [Fact]
    public async Task A_line_that_is_too_long_ends_the_run_with_its_beginning()
    {
        using FakeRun run = new(new FakeCliScript().Init().Line(50_000).Result("done").IgnoreSignals("INT", "TERM").Hang());
        run.Options = run.Options with { MaxLineBytes = 10_000 };
        RunOutcome outcome = await run.RunAsync();
        AmpJsonException error = outcome.Failed<AmpJsonException>(AmpErrorId.InvalidStreamJson);
        Assert.Equal("system", outcome.Kinds);
        Assert.StartsWith("{\"type\":\"assistant\"", error.RawLine, StringComparison.Ordinal);
        Assert.Equal(outcome.Messages[0].SessionId, error.ThreadId);
        run.NothingIsLeft();
    }
}
